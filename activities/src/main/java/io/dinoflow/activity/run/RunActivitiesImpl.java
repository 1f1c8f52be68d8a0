package io.dinoflow.activity.run;

import io.dinoflow.activity.hub.ImportedModels;
import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Machine;
import io.dinoflow.activity.support.StartingPoints;
import io.dinoflow.activity.support.Workbench;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.ComputeRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunOpening;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.RunActivities;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import java.util.List;
import java.util.Optional;

/** The run's book-keeping on {@link LineageStore}. */
public final class RunActivitiesImpl implements RunActivities {
  private final Workbench bench;
  private final LineageStore lineage;
  private final RecipeReader recipes;
  private final RequestReader requests;
  private final RetrainPolicy retrain;
  private final HealthPolicy health;
  private final RunningOverrides overrides;
  private final TakenOver takenOver;
  private final StartingPoints points;

  public RunActivitiesImpl(Workbench bench, RecipeReader recipes) {
    this.bench = bench;
    this.lineage = bench.lineage();
    this.recipes = recipes;
    this.requests = new RequestReader(recipes);
    this.takenOver = new TakenOver(bench.artifacts(), lineage);
    this.points = new StartingPoints(lineage);
    this.retrain = new RetrainPolicy(lineage, requests);
    this.health = new HealthPolicy(lineage, bench.recipes());
    this.overrides = new RunningOverrides(lineage, bench.recipes(), recipes);
  }

  @Override
  public OpenedRun openRun(OpenRequest request) {
    return FailureMapper.mapped(() -> open(requests.read(request)));
  }

  private OpenedRun open(RequestReader.Accepted accepted) {
    PipelineRecipe recipe = resolved(accepted.recipe(), bench.machine());
    String canonical = recipes.canonicalJson(recipe);
    Sha256 digest = Sha256.ofText(canonical);
    RunId run = accepted.run();
    if (lineage.run(run).isEmpty()) {
      checkBeginnings(recipe);
    }
    RunOpening opening = lineage.openRun(run, recipe.name(), digest, canonical);
    if (opening.outcome() == RunOpening.Outcome.CONFLICT) {
      throw FailureMapper.lasting(
          Failures.SPEC_CONFLICT,
          "run %s exists with another recipe; it differs in:\n- %s\nGive the new run another id."
              .formatted(
                  run,
                  String.join("\n- ", recipes.differences(opening.run().recipeJson(), canonical))));
    }
    List<StagePlan> plans = Plans.of(recipe);
    List<StageResult> finished = List.of();
    if (opening.run().state() == RunState.DONE) {
      finished = plans.stream().flatMap(p -> recorded(run, p.name()).stream()).toList();
    } else {
      // Until its first commit nothing in the lineage says that the run needs them.
      points.of(recipe).forEach(start -> bench.checkpoints().pin(start.id()));
      lineage.setRunState(run, RunState.RUNNING, "");
    }
    return new OpenedRun(
        run, recipe.name(), digest, accepted.reuse(), accepted.profileSteps(), plans, finished);
  }

  /** Of a new run only: one that goes on has them in states of its own. */
  private void checkBeginnings(PipelineRecipe recipe) {
    List<String> problems = points.problems(recipe);
    if (!problems.isEmpty()) {
      throw RequestReader.rejected(problems);
    }
  }

  /** A run's identity has the number of threads, so that it stays the same on another machine. */
  static PipelineRecipe resolved(PipelineRecipe recipe, Machine machine) {
    ComputeRecipe compute = recipe.compute();
    return compute.threads() > 0
        ? recipe
        : new PipelineRecipe(
            recipe.name(),
            recipe.description(),
            recipe.seed(),
            compute.withThreads(machine.cores()),
            recipe.data(),
            recipe.stages());
  }

  @Override
  public BegunStage beginStage(BeginStage request) {
    return FailureMapper.mapped(() -> begin(request));
  }

  private BegunStage begin(BeginStage request) {
    PipelineRecipe recipe = bench.recipes().read(request.run(), request.recipe());
    StageRecipe stage = recipe.stage(request.stage()).orElseThrow();
    List<Sha256> begunWith = lineage.forkedFrom(request.run(), request.stage());
    Sha256 key = ReuseKey.of(recipe, stage, request, begunWith, bench.machine());
    Optional<StageResult> own = recorded(request.run(), request.stage());
    if (own.isPresent()) {
      return new BegunStage(own, key);
    }
    lineage.beginStage(
        request.run(),
        request.stage(),
        recipe.stages().indexOf(stage),
        TakenOver.kind(recipe, request.stage()),
        Optional.of(key));
    if (!request.reuse()) {
      return new BegunStage(Optional.empty(), key);
    }
    Optional<StageRow> earlier =
        lineage.reusable(key).filter(row -> !row.run().equals(request.run()));
    return new BegunStage(earlier.map(row -> take(request, row)), key);
  }

  private StageResult take(BeginStage request, StageRow earlier) {
    // the run that made it, even where the one found had taken it over itself
    RunId maker = earlier.reusedFrom().orElse(earlier.run());
    StageResult result = takenOver.parse(earlier).takenFrom(maker.value());
    takenOver.finish(request.run(), result, maker);
    lineage.record(
        request.run(),
        request.stage(),
        "reused",
        "stage %s was not run again: its recipe, inputs and machine are those of run %s"
            .formatted(request.stage(), maker));
    return result;
  }

  private Optional<StageResult> recorded(RunId run, String stage) {
    return lineage.stages(run).stream()
        .filter(row -> row.name().equals(stage) && row.state() == RunState.DONE)
        .map(takenOver::parse)
        .findFirst();
  }

  @Override
  public StageResult findImported(FindImported request) {
    return FailureMapper.mapped(
        () -> {
          PipelineRecipe recipe = bench.recipes().read(request.run(), request.recipe());
          StageRecipe.Import stage = recipe.stage(request.stage(), StageRecipe.Import.class);
          CheckpointRef found =
              new ImportedModels(lineage, bench.checkpoints(), bench.artifacts())
                  .find(stage, bench.recipes());
          return StageResult.trained(stage.name(), List.of(found), List.of());
        });
  }

  @Override
  public void finishStage(FinishStage request) {
    FailureMapper.mapped(
        () -> {
          lineage.finishStage(
              request.run(), request.stage(), takenOver.stored(request.result(), Optional.empty()));
          return true;
        });
  }

  @Override
  public void noteStage(NoteStage request) {
    FailureMapper.mapped(
        () -> {
          RunState state = RunState.ofWord(request.state());
          boolean known =
              lineage.stages(request.run()).stream()
                  .anyMatch(row -> row.name().equals(request.stage()));
          if (known) {
            lineage.setStageState(request.run(), request.stage(), state, request.reason());
          }
          if (!request.reason().isEmpty()) {
            lineage.record(request.run(), request.stage(), request.state(), request.reason());
          }
          return true;
        });
  }

  @Override
  public void noteRun(NoteRun request) {
    FailureMapper.mapped(
        () -> {
          lineage.setRunState(request.run(), RunState.ofWord(request.state()), request.reason());
          return true;
        });
  }

  @Override
  public String overrideRecipe(OverrideRequest request) {
    return FailureMapper.mapped(() -> overrides.apply(request));
  }

  @Override
  public Recovery recover(Recover request) {
    return FailureMapper.mapped(() -> health.recover(request));
  }

  @Override
  public void closeRun(CloseRun request) {
    FailureMapper.mapped(
        () -> {
          lineage.closeRun(request.run(), RunState.ofWord(request.state()), request.reason());
          return true;
        });
  }

  @Override
  public RetrainDecision decideRetrain(RetrainQuestion question) {
    return FailureMapper.mapped(() -> retrain.decide(question));
  }
}
