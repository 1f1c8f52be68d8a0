package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * A stretch of training for one or several tracks that move together.
 *
 * @param recipe as it holds for this segment, see {@link Recipes#current}
 * @param tracks keyed like the snapshots of the trainer: a student's name, or empty
 * @param firstStep where the tracks begin
 * @param fromStep a head before it was moved back: the caller must choose again
 * @param lastStep where the stage ends
 * @param origin what the tracks begin with or learn from
 * @param gramTeacher whose EMA teacher holds the patch similarities in place
 * @param profileSteps how many of its first steps are recorded, see {@link StepProfile}; 0 for none
 * @param trainer makes the trainer
 */
public record Segment(
    RunId run,
    PipelineRecipe recipe,
    String stage,
    String group,
    Map<String, TrackId> tracks,
    long firstStep,
    long fromStep,
    long untilStep,
    long lastStep,
    CheckpointPolicy policy,
    Optional<Origin> origin,
    Optional<CheckpointRef> gramTeacher,
    DatasetRef dataset,
    int profileSteps,
    Function<TrainJob, Trainer> trainer) {

  public Segment {
    tracks = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(tracks));
  }

  /**
   * The checkpoint that tracks begin with or learn from.
   *
   * @param edge how the first checkpoint of each track points at it
   * @param parts which of its files are needed
   * @param use whether it is needed for every segment or only for the first
   */
  public record Origin(CheckpointRef checkpoint, EdgeKind edge, Predicate<String> parts, Use use) {
    /** How long a track needs its origin. */
    public enum Use {
      AT_THE_BEGINNING,
      ALWAYS
    }
  }

  Sha256 recipeDigest() {
    return RecipeFormat.digest(recipe);
  }

  /** The next step at which a commit is due after {@code step}. */
  long nextCommit(long step) {
    long next = Math.min(untilStep, nextMultiple(step, policy.period()));
    return policy.probeSteps() > 0 ? Math.min(next, nextMultiple(step, policy.probeSteps())) : next;
  }

  /** Multiples count from the stage's first step. */
  private long nextMultiple(long step, long period) {
    return firstStep + ((step - firstStep) / period + 1) * period;
  }
}
