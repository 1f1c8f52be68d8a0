package io.dinoflow.model.loss;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;

/**
 * Kozachenko-Leonenko entropy regulariser: minus the mean log distance to the nearest neighbour.
 */
public final class KoleoLoss {
  private KoleoLoss() {}

  /**
   * Mean over crops, neighbours searched within a crop.
   *
   * @param cls_CBD class tokens before the head, crop-major
   */
  public static NDArray mean(TensorScope scope, NDArray cls_CBD, int crops) {
    return TorchKernels.call(scope.manager(), "koleo_crops", cls_CBD, (long) crops);
  }
}
