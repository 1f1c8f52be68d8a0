package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.ComputeCopies;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * A frozen backbone whose weights are read when they are needed.
 *
 * @param identity differs where the weights may differ
 * @param source makes the fp32 weights, which belong to the manager
 */
record Network(
    Sha256 identity,
    Backbone backbone,
    Normalisation normalisation,
    Precision precision,
    Function<NDManager, StateDict> source) {

  /** Weights from a file, strictly: every parameter must be there in its shape. */
  static Function<NDManager, StateDict> stored(Path file, Backbone backbone) {
    return manager ->
        ParameterSpec.strictly(backbone.parameters(), Safetensors.read(file, manager), file);
  }

  /** What forwards read; belongs to the scope. */
  StateDict weights(TensorScope scope) {
    return ComputeCopies.frozen(scope.manager(), precision, source.apply(scope.manager()));
  }

  Features forward(TensorScope scope, StateDict weights, NDArray pixels_B3SS) {
    return backbone.forward(scope, weights, pixels_B3SS, Pass.eval());
  }
}
