package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.recipe.PipelineRecipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * All that an evaluation is made from.
 *
 * @param stage name of the Evaluate stage in the recipe
 * @param datasetName how the report names the source
 * @param subjects checkpoints in the recipe's order
 * @param text the aligned towers; empty where the recipe names none
 * @param cache a folder where features survive a kill; whoever made it removes it
 * @param output an existing empty folder that receives the pictures
 */
public record EvaluationJob(
    PipelineRecipe recipe,
    String stage,
    String datasetName,
    Dataset source,
    List<Checkpoint> subjects,
    Optional<Aligned> text,
    Path cache,
    Path output) {
  public EvaluationJob {
    subjects = List.copyOf(subjects);
  }

  /**
   * @param folder verified parts of it: {@code teacher.safetensors}
   * @param recipe that it was made by: another run's network may be another
   */
  public record Checkpoint(CheckpointRef ref, Path folder, PipelineRecipe recipe) {}

  /**
   * @param stage name of the AlignText stage
   * @param align verified parts of its checkpoint
   * @param vision verified parts of the checkpoint it was aligned with
   */
  public record Aligned(String stage, Path align, Path vision) {}
}
