package io.dinoflow.activity.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RecipeRevision;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds out what a run that begins in the middle of another takes along, or why it cannot. */
public final class Forks {
  private final LineageStore lineage;
  private final RecipeReader recipes;
  private final ForkRules rules;
  private final TakenOver takenOver;

  public Forks(ArtifactStore artifacts, LineageStore lineage, RecipeReader recipes) {
    this.lineage = lineage;
    this.recipes = recipes;
    this.rules = new ForkRules(lineage);
    this.takenOver = new TakenOver(artifacts, lineage);
  }

  /**
   * The run that goes on from a checkpoint within its stage.
   *
   * @throws Fork.RefusedException all reasons why it cannot
   * @throws RecipeReader.RecipeProblems all problems of the overrides
   */
  public Fork within(CheckpointRef checkpoint, Map<String, JsonNode> overrides) {
    RunRow old = run(checkpoint.track().run());
    String json = trainedBy(old, checkpoint.id());
    PipelineRecipe before = read(old, json);
    PipelineRecipe recipe = overridden(old, json, overrides);
    StagePlan plan = plan(recipe, checkpoint.track().stage());
    List<String> problems = rules.problems(before, recipe, plan.name());
    ForkRules.checkShape(before, recipe, plan.name(), problems);
    Map<TrackId, List<CheckpointRef>> seeds = rules.seeds(plan, checkpoint, problems);
    List<StageResult> results = results(old.id(), recipe, plan.name(), problems);
    if (checkpoint.step() >= plan.lastStep()) {
      problems.add(
          "stage %s ends at step %d and the checkpoint stands at %d: nothing would be trained; set %s.steps to more than %d, or begin a later stage with --stage"
              .formatted(
                  plan.name(),
                  plan.lastStep(),
                  checkpoint.step(),
                  plan.name(),
                  checkpoint.step() - plan.firstStep()));
    }
    return accepted(old, recipe, plan, results, seeds, problems);
  }

  /**
   * The run that begins a stage with a checkpoint of the stage it starts from.
   *
   * @throws Fork.RefusedException all reasons why it cannot
   * @throws RecipeReader.RecipeProblems all problems of the overrides
   */
  public Fork into(String stage, CheckpointRef checkpoint, Map<String, JsonNode> overrides) {
    RunRow old = run(checkpoint.track().run());
    PipelineRecipe before = read(old, old.recipeJson());
    PipelineRecipe recipe = overridden(old, old.recipeJson(), overrides);
    StagePlan plan = plan(recipe, stage);
    List<String> problems = rules.problems(before, recipe, stage);
    rules.checkOrigin(recipe, plan, checkpoint, problems);
    List<StageResult> results = results(old.id(), recipe, stage, problems);
    return accepted(
        old,
        recipe,
        plan,
        results.stream().map(result -> withOrigin(result, checkpoint)).toList(),
        Map.of(),
        problems);
  }

  /**
   * What trains a checkpoint once more: from the nearest checkpoint before it whose bytes are kept,
   * or from what its stage began with, up to its own step and no further.
   *
   * @throws Fork.RefusedException what it was made from cannot be had any more
   */
  public Fork again(CheckpointRow wanted) {
    TrackId track = wanted.ref().track();
    RunRow old = run(track.run());
    PipelineRecipe recipe = read(old, trainedBy(old, wanted.ref().id()));
    StagePlan whole = plan(recipe, track.stage());
    List<String> problems = new ArrayList<>();
    List<StageResult> results = results(old.id(), recipe, whole.name(), problems);
    Optional<Map<TrackId, List<CheckpointRef>>> seeds = nearest(wanted, whole, problems);
    if (seeds.isEmpty() && !lineage.forkedFrom(track.run(), track.stage()).isEmpty()) {
      problems.add("nothing can be read any more of what the fork " + track.run() + " began with");
    }
    StagePlan cut = upTo(whole, track, wanted.ref().step());
    return accepted(old, recipe, cut, results, seeds.orElse(Map.of()), problems);
  }

  private Optional<Map<TrackId, List<CheckpointRef>>> nearest(
      CheckpointRow wanted, StagePlan plan, List<String> problems) {
    Optional<String> recipe = recipeOf(wanted.ref().id());
    CheckpointRow made = wanted;
    while (recipeOf(made.ref().id()).equals(recipe)) {
      Optional<CheckpointRow> before = made.parent().flatMap(lineage::checkpoint);
      if (before.isEmpty()) {
        return Optional.empty();
      }
      List<String> missing = new ArrayList<>();
      Map<TrackId, List<CheckpointRef>> seeds = rules.seeds(plan, before.get().ref(), missing);
      if (missing.isEmpty()) {
        return Optional.of(seeds);
      }
      made = before.get();
    }
    problems.add(
        "up to step %d the recipe was another, and no checkpoint after it can be read any more"
            .formatted(made.ref().step()));
    return Optional.empty();
  }

  /** Digest of the recipe, perhaps a revision, that a checkpoint was trained by. */
  private Optional<String> recipeOf(Sha256 checkpoint) {
    return lineage
        .artifact(checkpoint)
        .flatMap(row -> Optional.ofNullable(row.facts().get("recipe")));
  }

  /** The run's own recipe, or the revision of it that a checkpoint was trained by. */
  private String trainedBy(RunRow run, Sha256 checkpoint) {
    Optional<String> digest = recipeOf(checkpoint);
    return lineage.revisions(run.id()).stream()
        .filter(revision -> digest.equals(Optional.of(revision.digest().hex())))
        .map(RecipeRevision::recipeJson)
        .findFirst()
        .orElse(run.recipeJson());
  }

  private static StagePlan upTo(StagePlan plan, TrackId track, long step) {
    return new StagePlan(
        plan.name(),
        plan.kind(),
        plan.inputs(),
        plan.dataset(),
        plan.origin(),
        plan.originStudent(),
        plan.firstStep(),
        step,
        plan.gram(),
        plan.groups().stream()
            .filter(group -> track.student().map(group.students()::contains).orElse(true))
            .toList(),
        plan.subjects(),
        plan.text());
  }

  private Fork accepted(
      RunRow old,
      PipelineRecipe recipe,
      StagePlan plan,
      List<StageResult> results,
      Map<TrackId, List<CheckpointRef>> seeds,
      List<String> problems) {
    if (!problems.isEmpty()) {
      throw new Fork.RefusedException(problems);
    }
    return new Fork(old.id(), recipe, recipes.canonicalJson(recipe), plan, results, seeds);
  }

  private static StageResult withOrigin(StageResult result, CheckpointRef checkpoint) {
    return result.stage().equals(checkpoint.track().stage())
        ? StageResult.trained(
            result.stage(),
            result.checkpoints().stream()
                .map(
                    made ->
                        made.track().student().equals(checkpoint.track().student())
                            ? checkpoint
                            : made)
                .toList(),
            result.metrics())
        : result;
  }

  private RunRow run(RunId run) {
    return lineage
        .run(run)
        .orElseThrow(
            () -> new Fork.RefusedException(List.of("run " + run + " is not recorded here")));
  }

  private static PipelineRecipe read(RunRow run, String recipeJson) {
    try {
      return Payloads.mapper().readValue(recipeJson, PipelineRecipe.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the stored recipe of run %s cannot be read: %s"
              .formatted(run.id(), e.getOriginalMessage()),
          e);
    }
  }

  private PipelineRecipe overridden(
      RunRow run, String recipeJson, Map<String, JsonNode> overrides) {
    if (overrides.isEmpty()) {
      return read(run, recipeJson);
    }
    try {
      return recipes.of(new ObjectMapper().readTree(recipeJson), overrides);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the stored recipe of run %s is no JSON: %s".formatted(run.id(), e.getOriginalMessage()),
          e);
    }
  }

  private static StagePlan plan(PipelineRecipe recipe, String stage) {
    return Plans.of(recipe).stream()
        .filter(plan -> plan.name().equals(stage))
        .findFirst()
        .orElseThrow(
            () ->
                new Fork.RefusedException(
                    List.of(
                        "there is no stage \"%s\" in the recipe; its stages are %s"
                            .formatted(
                                stage, recipe.stages().stream().map(StageRecipe::name).toList()))));
  }

  /** Results of all that the stage rests on. */
  private List<StageResult> results(
      RunId run, PipelineRecipe recipe, String stage, List<String> problems) {
    Map<String, StageRow> rows = new HashMap<>();
    lineage.stages(run).forEach(row -> rows.put(row.name(), row));
    List<StageResult> results = new ArrayList<>();
    for (StageRecipe needed : Plans.ancestors(recipe, recipe.stage(stage).orElseThrow())) {
      Optional<StageRow> row =
          Optional.ofNullable(rows.get(needed.name())).filter(r -> r.state() == RunState.DONE);
      if (row.isPresent()) {
        results.add(takenOver.parse(row.get()));
      } else {
        problems.add(
            "stage %s of run %s, which %s rests on, is not done"
                .formatted(needed.name(), run, stage));
      }
    }
    return results;
  }
}
