package io.dinoflow.model.loss;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;

/** Symmetric InfoNCE between pictures and texts (CLIP): mean of both cross-entropies. */
public final class ContrastiveLoss {
  private ContrastiveLoss() {}

  /**
   * @param image_BD,text_BD embeddings of L2 norm 1
   * @param logScale logarithm of the factor on similarities, of shape (1)
   */
  public static NDArray of(TensorScope scope, NDArray image_BD, NDArray text_BD, NDArray logScale) {
    return TorchKernels.call(scope.manager(), "contrastive_loss", image_BD, text_BD, logScale);
  }
}
