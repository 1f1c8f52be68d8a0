package io.dinoflow.model.train;

import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.recipe.PipelineRecipe;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * All that a trainer is made from. Folders hold the verified files of a checkpoint under their part
 * names.
 *
 * @param stage name of the Train, Distill or AlignText stage in the recipe
 * @param group the Distill group, else empty
 * @param resume the track's own head: one folder a track, keyed like {@link Trainer#snapshot};
 *     empty at a track's beginning
 * @param step steps behind the resumed state; the stage's first step at the beginning
 * @param origin the checkpoint that a Continue, FromTeacher or FromCheckpoint start, a Distill
 *     teacher or an AlignText vision tower comes from
 * @param gramTeacher the checkpoint whose teacher is Gram teacher now
 * @param scratch a folder for temporary files, emptied by the caller
 */
public record TrainJob(
    PipelineRecipe recipe,
    String stage,
    String group,
    Dataset dataset,
    Map<String, Path> resume,
    long step,
    Optional<Path> origin,
    Optional<Path> gramTeacher,
    Path scratch) {
  public TrainJob {
    resume = Map.copyOf(resume);
  }
}
