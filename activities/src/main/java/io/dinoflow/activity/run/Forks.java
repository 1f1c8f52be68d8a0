package io.dinoflow.activity.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunOpening;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Begins runs in the middle of others: what comes before is taken over by reference, the track at
 * hand begins with the old checkpoint's state, and a PARENT edge says so.
 *
 * <p>{@link #begin} is done before the run's workflow starts, which then finds an open run that has
 * come so far and goes on. It may be repeated.
 */
public final class Forks {
  private final CheckpointStore checkpoints;
  private final LineageStore lineage;
  private final RecipeReader recipes;
  private final ForkRules rules;
  private final TakenOver takenOver;

  public Forks(
      CheckpointStore checkpoints,
      ArtifactStore artifacts,
      LineageStore lineage,
      RecipeReader recipes) {
    this.checkpoints = checkpoints;
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
    PipelineRecipe before = read(old);
    PipelineRecipe recipe = overridden(old, overrides);
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
    PipelineRecipe before = read(old);
    PipelineRecipe recipe = overridden(old, overrides);
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

  /** The run that trains a stage again from what it was first made from. */
  public Fork fromTheBeginning(TrackId track) {
    RunRow old = run(track.run());
    PipelineRecipe recipe = read(old);
    StagePlan plan = plan(recipe, track.stage());
    List<String> problems = new ArrayList<>();
    List<StageResult> results = results(old.id(), recipe, plan.name(), problems);
    return accepted(old, recipe, plan, results, Map.of(), problems);
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

  private static PipelineRecipe read(RunRow run) {
    try {
      return Payloads.mapper().readValue(run.recipeJson(), PipelineRecipe.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the stored recipe of run %s cannot be read: %s"
              .formatted(run.id(), e.getOriginalMessage()),
          e);
    }
  }

  private PipelineRecipe overridden(RunRow run, Map<String, JsonNode> overrides) {
    if (overrides.isEmpty()) {
      return read(run);
    }
    try {
      return recipes.of(new ObjectMapper().readTree(run.recipeJson()), overrides);
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
                                stage,
                                recipe.stages().stream().map(StageRecipe::name).toList()))));
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
            "stage %s of run %s, which %s rests on, is not done".formatted(needed.name(), run, stage));
      }
    }
    return results;
  }

  /**
   * Opens the run, takes over what came before, and commits what its track begins with.
   *
   * @param folder for files on their way; they are verified and deleted
   * @return the new heads
   * @throws Fork.RefusedException the id is another run's
   * @throws IOException the local disk failed
   */
  public List<CheckpointRef> begin(Fork fork, RunId run, Path folder) throws IOException {
    RunOpening opening =
        lineage.openRun(
            run, fork.recipe().name(), Sha256.ofText(fork.canonicalJson()), fork.canonicalJson());
    if (opening.outcome() == RunOpening.Outcome.CONFLICT) {
      throw new Fork.RefusedException(
          List.of("run %s exists with another recipe: choose another id".formatted(run)));
    }
    for (StageResult result : fork.takenOver()) {
      takenOver.record(run, fork.recipe(), result, result.reusedFrom().orElse(fork.from().value()));
    }
    List<CheckpointRef> heads = new ArrayList<>();
    for (Map.Entry<TrackId, List<CheckpointRef>> seeds : fork.seeds().entrySet()) {
      TrackId old = seeds.getKey();
      heads.add(seed(new TrackId(run, old.stage(), old.student()), seeds.getValue(), folder));
    }
    if (!heads.isEmpty()) {
      lineage.record(
          run,
          fork.stage().name(),
          "forked",
          "begins with step %d of run %s".formatted(fork.firstStep(), fork.from()));
    }
    return heads;
  }

  private CheckpointRef seed(TrackId track, List<CheckpointRef> seeds, Path folder)
      throws IOException {
    Claim claim = checkpoints.claim(track, "fork");
    long from = -1;
    for (CheckpointRef seed : seeds) {
      long head = claim.head().map(CheckpointRef::step).orElse(-1L);
      if (seed.step() > head) {
        claim = claim.after(copy(claim, seed, from, folder));
      }
      from = seed.step();
    }
    return claim.head().orElseThrow();
  }

  private CheckpointRef copy(Claim claim, CheckpointRef seed, long from, Path folder)
      throws IOException {
    Path local = folder.resolve(seed.id().shortForm());
    try {
      Map<String, Path> fetched = checkpoints.fetch(seed.id(), part -> true, local);
      Manifest manifest = checkpoints.manifest(seed.id());
      List<BlobFile> files = new ArrayList<>();
      for (FileEntry file : manifest.files()) {
        files.add(
            new BlobFile(
                file.name(),
                Objects.requireNonNull(fetched.get(file.name())),
                file.sha256(),
                file.bytes()));
      }
      List<SeriesPoint> series =
          lineage.series(seed.track()).stream()
              .filter(point -> point.step() > from && point.step() <= seed.step())
              .toList();
      return checkpoints.commit(
          claim,
          new CheckpointDraft(
              seed.step(),
              files,
              List.of(
                  new EdgeDraft(
                      EdgeKind.PARENT, seed.id(), Map.of("forked_at", "" + seed.step()))),
              lineage.metrics(seed.id()),
              series,
              manifest.environment()));
    } finally {
      Scratch.delete(local);
    }
  }
}
