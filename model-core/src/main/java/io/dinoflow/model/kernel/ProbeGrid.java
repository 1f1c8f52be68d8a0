package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.tensor.TensorScope;

/**
 * Linear classifiers of one shape that learn the same batches at L learning rates: one matrix
 * product serves them all. Their gradient has a closed form, so nothing is recorded.
 *
 * @param weight_LCF one (C, F) a learning rate
 * @param velocity_LCF momentum of the weights
 */
public record ProbeGrid(
    NDArray weight_LCF, NDArray bias_LC, NDArray velocity_LCF, NDArray biasVelocity_LC) {

  /** (B, L, C). */
  public NDArray logits(TensorScope scope, NDArray x_BF) {
    return TorchKernels.call(scope.manager(), "probe_logits", x_BF, weight_LCF, bias_LC);
  }

  /**
   * One step of SGD on mean cross-entropy, in place: v = momentum v + gradient, w = w - lr v.
   *
   * @param index_B rows of the batch, int64
   * @return the loss before the step at each learning rate, (L)
   */
  public NDArray step(
      TensorScope scope,
      NDArray x_NF,
      NDArray labels_N,
      NDArray index_B,
      NDArray lr_L,
      double momentum) {
    return TorchKernels.call(
        scope.manager(),
        "probe_step_",
        weight_LCF,
        bias_LC,
        velocity_LCF,
        biasVelocity_LC,
        x_NF,
        labels_N,
        index_B,
        lr_L,
        momentum);
  }
}
