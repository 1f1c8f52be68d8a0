package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.tensor.TensorScope;

/** Fused AdamW (Loshchilov and Hutter 2019): decoupled decay, bias correction, epsilon 1e-8. */
public final class AdamW {
  private AdamW() {}

  /** Numbers of one parameter group at one step. */
  public record Settings(double lr, double weightDecay, double beta1, double beta2) {}

  /**
   * Updates parameters and moments in place.
   *
   * @param step scalar: updates so far, this one included
   */
  public static void update(
      TensorScope scope,
      NDList parameters,
      NDList gradients,
      NDList expAvg,
      NDList expAvgSq,
      NDArray step,
      Settings settings) {
    TorchKernels.call(
        scope.manager(),
        "adamw_",
        parameters,
        gradients,
        expAvg,
        expAvgSq,
        step,
        settings.lr(),
        settings.weightDecay(),
        settings.beta1(),
        settings.beta2());
  }
}
