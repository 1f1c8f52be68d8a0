package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.nn.Recomputation;
import io.dinoflow.model.tensor.TensorScope;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One learner's loss of one step.
 *
 * @param total scalar that is differentiated
 * @param parts detached scalars by their field names
 * @param recomputation what its forward kept only the inputs of
 */
public record Loss(
    NDArray total, Map<String, NDArray> parts, Optional<Recomputation> recomputation) {

  /** Of a forward that kept all. */
  Loss(NDArray total, Map<String, NDArray> parts) {
    this(total, parts, Optional.empty());
  }

  /** The same loss of a forward with such a keeper. */
  Loss recomputed(Optional<Recomputation> keeper) {
    return new Loss(total, parts, keeper);
  }

  /** Gradients of {@code weight} times the total; while gradients are recorded. */
  NDList gradients(TensorScope scope, double weight, NDList parameters) {
    NDArray weighted =
        weight == 1 ? total : Tensors.weightedSum(scope, List.of(total), new double[] {weight});
    return recomputation
        .map(keeper -> keeper.gradients(scope, weighted, parameters))
        .orElseGet(() -> Gradients.of(scope, weighted, parameters));
  }
}
