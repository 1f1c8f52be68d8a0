package io.dinoflow.model.hub;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.weights.TensorDraft;
import io.dinoflow.model.weights.TensorWriter;
import java.nio.file.Path;
import java.util.List;

/**
 * A model that came from outside, understood but not yet copied.
 *
 * @param weights official names in fp32, each by where its bytes lie
 * @param files that it consists of
 */
public record ForeignModel(
    BackboneRecipe backbone,
    Preprocessing preprocessing,
    List<TensorDraft> weights,
    List<Path> files) {
  public ForeignModel {
    weights = List.copyOf(weights);
    files = List.copyOf(files);
  }

  /** Writes the weights as a checkpoint's part: equal weights give equal bytes. */
  public BlobFile writeWeights(Path file, String partName) {
    return TensorWriter.write(file, partName, weights, TensorWriter.PLAIN);
  }
}
