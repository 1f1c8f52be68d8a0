package io.dinoflow.model.loss;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;

/**
 * Sinkhorn-Knopp assignment of samples to prototypes (SwAV, section 3.1; used for centring in
 * DINOv2 and v3).
 */
public final class Sinkhorn {
  private Sinkhorn() {}

  /**
   * @param logits_RK teacher logits, R rows over K prototypes
   * @return probabilities (R, K), fp32, whose rows sum to 1
   */
  public static NDArray assign(
      TensorScope scope, NDArray logits_RK, double temperature, int iterations) {
    return TorchKernels.call(
        scope.manager(), "sinkhorn", logits_RK, temperature, (long) iterations);
  }
}
