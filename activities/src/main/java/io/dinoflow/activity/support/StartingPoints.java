package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.workflow.Failures;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The checkpoints of other runs that Train stages begin with, by the ids in their recipes.
 *
 * <p>A checkpoint is judged by the recipe of the run that made it, so a misfit is known before any
 * weights are read. Reads only.
 */
public final class StartingPoints {
  private final LineageStore lineage;
  private final Recipes recipes;

  public StartingPoints(LineageStore lineage) {
    this.lineage = lineage;
    this.recipes = new Recipes(lineage);
  }

  /**
   * The other run's checkpoint that a stage begins with; empty where it begins otherwise.
   *
   * @throws io.temporal.failure.ApplicationFailure BadConfig: it is not recorded here
   */
  public Optional<CheckpointRef> of(StageRecipe.Train stage) {
    return asked(stage)
        .map(
            start ->
                lineage
                    .checkpoint(start.checkpoint())
                    .map(CheckpointRow::ref)
                    .orElseThrow(
                        () ->
                            FailureMapper.lasting(
                                Failures.BAD_CONFIG, stage.name() + unknown(start))));
  }

  /** All of a recipe's. */
  public List<CheckpointRef> of(PipelineRecipe recipe) {
    return trained(recipe).stream().flatMap(stage -> of(stage).stream()).toList();
  }

  /** Every reason why stages of a recipe cannot begin as it says. */
  public List<String> problems(PipelineRecipe recipe) {
    List<String> problems = new ArrayList<>();
    for (StageRecipe.Train stage : trained(recipe)) {
      asked(stage).flatMap(start -> problem(stage, start)).ifPresent(problems::add);
    }
    return problems;
  }

  private Optional<String> problem(StageRecipe.Train stage, Start.FromCheckpoint start) {
    Optional<CheckpointRow> found = lineage.checkpoint(start.checkpoint());
    if (found.isEmpty()) {
      return Optional.of(stage.name() + unknown(start));
    }
    CheckpointRef checkpoint = found.get().ref();
    String who =
        "%s.start.checkpoint: checkpoint %s of %s "
            .formatted(stage.name(), checkpoint.id().shortForm(), checkpoint.track());
    if (found.get().state() != CheckpointRow.State.COMMITTED) {
      return Optional.of(who + "cannot be read any more; name one whose bytes are kept");
    }
    return misfit(checkpoint, stage, start.architecture())
        .map(why -> who + why + "; name one that fits, or start fresh");
  }

  /**
   * Why a stage with these networks cannot go on with a checkpoint's teacher and heads, as what is
   * said of the checkpoint; empty where it can.
   */
  public Optional<String> misfit(
      CheckpointRef checkpoint, StageRecipe.Train stage, Start.Fresh wanted) {
    RunRow run = lineage.run(checkpoint.track().run()).orElseThrow();
    PipelineRecipe recipe = recipes.read(run.id(), run.recipeDigest());
    StageRecipe maker = recipe.stage(checkpoint.track().stage(), StageRecipe.class);
    if (!(maker instanceof StageRecipe.Train train)) {
      return Optional.of(
          "is of a stage of kind %s, and stage \"%s\" goes on with the teacher and heads of one of kind train"
              .formatted(kind(maker), stage.name()));
    }
    List<String> differences =
        RecipeFormat.differences(
            json(recipe.architecture(train).networks()), json(wanted.networks()));
    return differences.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "has other networks than stage \"%s\" (%s)"
                .formatted(stage.name(), String.join(", ", differences)));
  }

  private static String unknown(Start.FromCheckpoint start) {
    return ".start.checkpoint: %s is no checkpoint that is recorded here; `dinoflow checkpoints` lists them"
        .formatted(start.checkpoint());
  }

  private static List<StageRecipe.Train> trained(PipelineRecipe recipe) {
    return recipe.stages().stream()
        .filter(StageRecipe.Train.class::isInstance)
        .map(StageRecipe.Train.class::cast)
        .toList();
  }

  private static Optional<Start.FromCheckpoint> asked(StageRecipe.Train stage) {
    return Optional.of(stage.start())
        .filter(Start.FromCheckpoint.class::isInstance)
        .map(Start.FromCheckpoint.class::cast);
  }

  private static String kind(StageRecipe stage) {
    return RecipeFormat.mapper().valueToTree(stage).path("kind").asText();
  }

  /** Under the names that a recipe's fields have. */
  private static String json(Start.Fresh networks) {
    return RecipeFormat.mapper().valueToTree(Map.of("start", networks)).toString();
  }
}
