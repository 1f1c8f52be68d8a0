package io.dinoflow.activity.run;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import java.util.List;
import java.util.Map;

/**
 * What a run that begins in the middle of another takes along.
 *
 * @param from the run it begins in
 * @param recipe the new run's
 * @param stage the first stage that is trained anew
 * @param takenOver results of the stages before it
 * @param seeds by stage track of the old run: checkpoints that its new track begins with, by step;
 *     empty where the stage begins at its first step
 */
public record Fork(
    RunId from,
    PipelineRecipe recipe,
    String canonicalJson,
    StagePlan stage,
    List<StageResult> takenOver,
    Map<TrackId, List<CheckpointRef>> seeds) {
  public Fork {
    takenOver = List.copyOf(takenOver);
    seeds = Map.copyOf(seeds);
  }

  /** The step from which the stage is trained. */
  public long firstStep() {
    return seeds.values().stream()
        .flatMap(List::stream)
        .mapToLong(CheckpointRef::step)
        .max()
        .orElse(stage.firstStep());
  }

  /** Steps still to be trained in the stage. */
  public long steps() {
    return stage.lastStep() - firstStep();
  }

  /** All reasons why a run cannot begin so. */
  public static final class RefusedException extends RuntimeException {
    private final List<String> problems;

    RefusedException(List<String> problems) {
      super(String.join("\n", problems));
      this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
      return problems;
    }
  }
}
