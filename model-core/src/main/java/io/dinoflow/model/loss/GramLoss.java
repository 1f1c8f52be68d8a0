package io.dinoflow.model.loss;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;

/**
 * Mean squared difference of the two Gram matrices of patch features (DINOv3, section 4.2).
 *
 * @param normalized cosine similarities instead of dot products
 * @param imgLevel one matrix a picture instead of one for the batch
 * @param removeNeg negatives of both count as zero
 * @param removeOnlyTeacherNeg negatives of the teacher count as zero
 */
public record GramLoss(
    boolean normalized, boolean imgLevel, boolean removeNeg, boolean removeOnlyTeacherNeg) {

  /**
   * @param student_BND,teacher_BND patch features on the same grid
   */
  public NDArray of(TensorScope scope, NDArray student_BND, NDArray teacher_BND) {
    return TorchKernels.call(
        scope.manager(),
        "gram_loss",
        student_BND,
        teacher_BND,
        normalized,
        imgLevel,
        removeNeg,
        removeOnlyTeacherNeg);
  }
}
