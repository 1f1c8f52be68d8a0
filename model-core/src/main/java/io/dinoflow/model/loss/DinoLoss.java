package io.dinoflow.model.loss;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;

/**
 * Cross-entropy between the student's and the teacher's class tokens over pairs of crops, student
 * temperature 0.1. Rows are crop-major; the result is a scalar.
 */
public final class DinoLoss {
  private DinoLoss() {}

  /**
   * Mean over all (student crop, teacher crop, sample).
   *
   * @param student_SBK logits of S crops of B samples
   * @param teacher_TBK assignments of T crops of B samples
   */
  public static NDArray allPairs(
      TensorScope scope,
      NDArray student_SBK,
      NDArray teacher_TBK,
      int studentCrops,
      int teacherCrops) {
    return TorchKernels.call(
        scope.manager(),
        "dino_loss",
        student_SBK,
        teacher_TBK,
        (long) studentCrops,
        (long) teacherCrops,
        false,
        (long) studentCrops * teacherCrops);
  }

  /** The same without the pairs in which both see the same crop. */
  public static NDArray withoutDiagonal(
      TensorScope scope,
      NDArray student_SBK,
      NDArray teacher_TBK,
      int studentCrops,
      int teacherCrops) {
    return TorchKernels.call(
        scope.manager(),
        "dino_loss",
        student_SBK,
        teacher_TBK,
        (long) studentCrops,
        (long) teacherCrops,
        true,
        (long) studentCrops * teacherCrops - Math.min(studentCrops, teacherCrops));
  }
}
