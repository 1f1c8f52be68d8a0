package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.List;

/**
 * A network from pictures to a class token and patch tokens.
 *
 * <p>Immutable and thread-safe: weights are passed in. Results belong to the scope.
 */
public interface Backbone {

  /** Official names and shapes in the official module's order. */
  List<ParameterSpec> parameters();

  /** Tensors of the official state dict that are no parameters; they belong to the manager. */
  StateDict buffers(NDManager manager);

  /** Width of the features. */
  int features();

  /** Pixels a patch token stands for, along one side. */
  int stride();

  /**
   * @param weights parameters; matrices may be bf16 copies
   * @param pixels_B3HW normalised pictures
   */
  Features forward(TensorScope scope, StateDict weights, NDArray pixels_B3HW, Pass pass);

  /** Fresh parameters that belong to the manager. */
  default StateDict initialise(NDManager manager, long seed) {
    return ParameterSpec.initialise(parameters(), manager, seed);
  }
}
