package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.tensor.TensorScope;

/** Principal component analysis of rows, in double precision. */
public final class PrincipalComponents {
  private PrincipalComponents() {}

  /**
   * @param scores_MK rows along the first components, strongest first; a component points to where
   *     its largest weight is positive, so that equal rows give equal signs
   * @param deviation_K their standard deviations
   */
  public record Projection(NDArray scores_MK, NDArray deviation_K) {}

  public static Projection of(TensorScope scope, NDArray x_MD, int components) {
    NDList result =
        TorchKernels.run(scope.manager(), "principal_components", x_MD, (long) components);
    return new Projection(result.get(0), result.get(1));
  }
}
