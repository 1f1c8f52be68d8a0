package io.dinoflow.model.loss;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;

/**
 * Kozachenko-Leonenko entropy regulariser (Sablayrolles et al. 2019): minus the mean log distance
 * to the nearest neighbours, over rows of L2 norm 1.
 *
 * <p>Neighbours are searched among the consecutive rows of a group, the row itself left out: a
 * whole crop in pre-training, smaller groups in the high-resolution stage. Gradients flow to both
 * ends of a distance, not through the choice.
 */
public final class KoleoLoss {
  private KoleoLoss() {}

  /**
   * Mean over all rows.
   *
   * @param cls_RD class tokens before the head, crop-major
   * @param group rows of a group; R is a multiple of it
   * @param neighbours nearest rows that count, fewer than the group's
   */
  public static NDArray mean(TensorScope scope, NDArray cls_RD, long group, long neighbours) {
    return call(scope, "koleo", cls_RD, group, neighbours);
  }

  /** Each row's part: (R, D) to (R), whose mean is {@link #mean}. */
  public static NDArray rows(TensorScope scope, NDArray cls_RD, long group, long neighbours) {
    return call(scope, "koleo_rows", cls_RD, group, neighbours);
  }

  private static NDArray call(
      TensorScope scope, String kernel, NDArray cls_RD, long group, long neighbours) {
    long rows = cls_RD.getShape().get(0);
    if (group < 2 || rows % group != 0) {
      throw new IllegalArgumentException(
          "a KoLeo group has %d rows, must have at least 2 and divide the %d rows"
              .formatted(group, rows));
    }
    if (neighbours < 1 || neighbours >= group) {
      throw new IllegalArgumentException(
          "%d neighbours of a KoLeo group of %d rows, must be from 1 to %d"
              .formatted(neighbours, group, group - 1));
    }
    return TorchKernels.call(scope.manager(), kernel, cls_RD, group, neighbours);
  }
}
