package io.dinoflow.model.loss;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;

/**
 * Cross-entropy on masked patches, weighted by one over the row's masked patches, over all rows.
 */
public final class IbotLoss {
  private IbotLoss() {}

  /**
   * @param student_MK,teacher_MK logits and assignments of M masked patches
   * @param weight_M one over the masked patches of the patch's row
   * @param rows global crops of the batch, masked or not
   */
  public static NDArray of(
      TensorScope scope, NDArray student_MK, NDArray teacher_MK, NDArray weight_M, long rows) {
    return TorchKernels.call(scope.manager(), "ibot_loss", student_MK, teacher_MK, weight_M, rows);
  }
}
