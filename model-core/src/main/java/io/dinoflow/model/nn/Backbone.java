package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.Tensors;
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

  /**
   * Class tokens and some patch tokens, after the final norm.
   *
   * @param patches_MD those at the asked positions, in their order
   */
  record Chosen(NDArray cls_BD, NDArray patches_MD) {}

  /**
   * Like {@link #forward} for a loss that reads no more than this, which a backbone may compute
   * cheaper: what nothing reads has no gradient either.
   *
   * @param index_M flat indexes over B x N, int64
   */
  default Chosen chosen(
      TensorScope scope, StateDict weights, NDArray pixels_B3HW, Pass pass, NDArray index_M) {
    Features all = forward(scope, weights, pixels_B3HW, pass);
    return new Chosen(all.cls_BD(), Tensors.pick(scope, all.patches_BND(), index_M));
  }

  /** Fresh parameters that belong to the manager. */
  default StateDict initialise(NDManager manager, long seed) {
    return ParameterSpec.initialise(parameters(), manager, seed);
  }
}
