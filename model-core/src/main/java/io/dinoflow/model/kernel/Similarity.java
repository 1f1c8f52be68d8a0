package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.tensor.TensorScope;

/** Mean cosine similarities, the pair of a vector with itself left out. */
public final class Similarity {
  private Similarity() {}

  /** Between the rows of (B, D). */
  public static float meanBetweenRows(TensorScope scope, NDArray x_BD) {
    return HostMemory.number(TorchKernels.call(scope.manager(), "mean_similarity_rows", x_BD));
  }

  /** Between the patches of each picture of (B, N, D), averaged over pictures. */
  public static float meanWithinImages(TensorScope scope, NDArray x_BND) {
    return HostMemory.number(TorchKernels.call(scope.manager(), "mean_similarity_tokens", x_BND));
  }
}
