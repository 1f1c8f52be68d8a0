package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A backbone as it is before its first step, in a file: for what needs weights but no training. */
public final class FreshWeights {
  private FreshWeights() {}

  /** Writes the parameters and buffers under their official names; equal seeds give equal bytes. */
  public static BlobFile write(BackboneRecipe recipe, long seed, Path file) {
    TorchKernels.prepareThread(1);
    Backbone backbone = Backbones.of(recipe);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      Map<String, NDArray> all = new LinkedHashMap<>();
      StateDict parameters = backbone.initialise(scope.manager(), seed);
      parameters.forEach(all::put);
      backbone.buffers(scope.manager()).forEach(all::put);
      return Safetensors.write(file, "weights", all);
    }
  }
}
