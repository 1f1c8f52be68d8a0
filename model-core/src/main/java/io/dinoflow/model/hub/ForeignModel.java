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
 * @param weights official names in the types of the source, each by where its bytes lie
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

  /**
   * Writes the weights in fp32 as a checkpoint's part: equal weights give equal bytes. Which of
   * them were narrower is noted, so that an export gives them back as they were.
   */
  public BlobFile writeWeights(Path file, String partName) {
    return TensorWriter.write(
        file,
        partName,
        weights.stream().map(TensorDraft::inFp32).toList(),
        NarrowTensors.noted(weights));
  }
}
