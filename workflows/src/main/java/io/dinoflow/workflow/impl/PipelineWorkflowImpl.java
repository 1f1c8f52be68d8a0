package io.dinoflow.workflow.impl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.activity.RunActivities;
import io.dinoflow.workflow.activity.RunActivities.CloseRun;
import io.dinoflow.workflow.activity.RunActivities.NoteRun;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.dinoflow.workflow.activity.RunActivities.OpenedRun;
import io.dinoflow.workflow.activity.RunActivities.OverrideRequest;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.CurationWorkflow;
import io.dinoflow.workflow.api.DistillationWorkflow;
import io.dinoflow.workflow.api.EvaluationWorkflow;
import io.dinoflow.workflow.api.ImportWorkflow;
import io.dinoflow.workflow.api.PipelineProgress;
import io.dinoflow.workflow.api.PipelineResult;
import io.dinoflow.workflow.api.PipelineWorkflow;
import io.dinoflow.workflow.api.StageRequest;
import io.dinoflow.workflow.api.StageWorkflow;
import io.dinoflow.workflow.api.TextAlignmentWorkflow;
import io.dinoflow.workflow.api.TrainWorkflow;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The story of a run: open, stage after stage, close. */
final class PipelineWorkflowImpl implements PipelineWorkflow {
  private final PauseGate gate = new PauseGate();
  private final StopGate stop = new StopGate();
  private final Children children = new Children(gate);
  private final RunActivities book = Calls.book("book-keeping of the run");
  private final Map<String, String> stageStates = new LinkedHashMap<>();
  private final Map<String, StageResult> results = new LinkedHashMap<>();
  private @Nullable OpenedRun opened;
  private String state = States.WAITING;
  private String reason = "";

  @Override
  public PipelineResult run(JsonNode request) {
    OpenedRun run = open(Objects.requireNonNullElse(request, NullNode.getInstance()));
    opened = run;
    if (!run.finished().isEmpty()) {
      run.finished().forEach(this::take);
      tell(States.DONE);
      return new PipelineResult(run.run(), run.finished());
    }
    run.stages().forEach(stage -> stageStates.put(stage.name(), States.WAITING));
    try {
      tell(States.RUNNING);
      List<StageResult> made = stop.run(() -> runStages(run));
      book.closeRun(new CloseRun(run.run(), States.DONE, ""));
      tell(States.DONE);
      return new PipelineResult(run.run(), made);
    } catch (TemporalFailure failure) {
      throw closed(run.run(), failure);
    }
  }

  private List<StageResult> runStages(OpenedRun run) {
    for (StagePlan stage : run.stages()) {
      gate.awaitOpen(this::pauseChanged);
      stageStates.put(stage.name(), States.RUNNING);
      show();
      take(runStage(run, stage));
      show();
    }
    return List.copyOf(results.values());
  }

  private OpenedRun open(JsonNode request) {
    try {
      return Calls.book("read the request, open the run")
          .openRun(new OpenRequest(Workflow.getInfo().getWorkflowId(), request));
    } catch (TemporalFailure failure) {
      if (Reasons.cancelRequested()) {
        throw failure;
      }
      throw Reasons.asWorkflowFailure("", failure);
    }
  }

  private void take(StageResult result) {
    results.put(result.stage(), result);
    stageStates.put(result.stage(), States.DONE);
  }

  private StageResult runStage(OpenedRun run, StagePlan stage) {
    List<StageResult> inputs =
        stage.inputs().stream().map(name -> Objects.requireNonNull(results.get(name))).toList();
    StageRequest request =
        new StageRequest(
            run.run(),
            run.recipe(),
            stage,
            inputs,
            run.reuse(),
            run.profileSteps(),
            Optional.empty());
    return switch (stage.kind()) {
      case CURATE -> child(CurationWorkflow.class, child -> child::run, request);
      case TRAIN -> child(TrainWorkflow.class, child -> child::run, request);
      case DISTILL -> child(DistillationWorkflow.class, child -> child::run, request);
      case ALIGN_TEXT -> child(TextAlignmentWorkflow.class, child -> child::run, request);
      case EVALUATE -> child(EvaluationWorkflow.class, child -> child::run, request);
      case IMPORT -> child(ImportWorkflow.class, child -> child::run, request);
    };
  }

  private <W extends StageWorkflow> StageResult child(
      Class<W> type,
      Function<W, Functions.Func1<StageRequest, StageResult>> method,
      StageRequest request) {
    String id = WorkflowIds.stage(request.run(), request.plan().name());
    return children.run(
        id,
        () -> Workflow.newChildWorkflowStub(type, Children.options(id, summary(request.plan()))),
        method,
        request);
  }

  private static String summary(StagePlan plan) {
    String from = plan.origin().map(o -> " from " + o).orElse("");
    return switch (plan.kind()) {
      case CURATE -> plan.name() + ": images to a dataset";
      case TRAIN, ALIGN_TEXT ->
          "%s: steps %s to %s%s"
              .formatted(
                  plan.name(),
                  SegmentLoop.grouped(plan.firstStep()),
                  SegmentLoop.grouped(plan.lastStep()),
                  from);
      case DISTILL ->
          "%s: %d groups of students%s".formatted(plan.name(), plan.groups().size(), from);
      case EVALUATE -> "%s: %s".formatted(plan.name(), String.join(", ", plan.subjects()));
      case IMPORT -> plan.name() + ": an imported model";
    };
  }

  /** Records how the run ended, outside the scope that may be cancelled. */
  private TemporalFailure closed(RunId run, TemporalFailure failure) {
    Optional<String> inStage = StopGate.told(failure);
    boolean stopped = stop.ended(failure) || inStage.isPresent();
    boolean cancelled = Reasons.cancelRequested() && Reasons.isCancellation(failure);
    Optional<String> stage = at(States.RUNNING);
    String how = cancelled || stopped ? States.CANCELLED : States.FAILED;
    String where = stage.map(s -> " in stage " + s).orElse("");
    String why =
        cancelled
            ? "cancelled" + where
            : stopped
                ? inStage.orElseGet(() -> "stopped%s: %s".formatted(where, stop.reason()))
                : stage.map(s -> "stage " + s + " failed: ").orElse("") + Reasons.text(failure);
    stage.ifPresent(s -> stageStates.put(s, how));
    reason = why;
    Workflow.newDetachedCancellationScope(
            () -> {
              book.closeRun(new CloseRun(run, how, why));
              tell(how);
            })
        .run();
    if (cancelled) {
      return new CanceledFailure("run " + run + " was cancelled");
    }
    if (stopped) {
      return StopGate.failure(why);
    }
    return Reasons.asWorkflowFailure(
        stage.map(s -> "stage " + s + " failed: ").orElse(""), failure);
  }

  private Optional<String> at(String wanted) {
    return stageStates.entrySet().stream()
        .filter(e -> e.getValue().equals(wanted))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  @Override
  public void checkPause(String why) {
    if (why == null || why.isBlank()) {
      throw new IllegalArgumentException("pause needs a reason, such as \"need the machine\"");
    }
    checkOpen("paused");
    if (gate.paused()) {
      throw new IllegalStateException("the run is paused already: " + gate.reason());
    }
  }

  private void checkOpen(String what) {
    if (!state.equals(States.RUNNING)) {
      throw new IllegalStateException("a run that is %s cannot be %s".formatted(state, what));
    }
  }

  @Override
  public String pause(String why) {
    gate.pause(why);
    reason = why;
    noteRun(States.PAUSED, why);
    children.pause(why);
    return at(States.RUNNING)
        .map(stage -> "pausing: stage " + stage + " stops at its next checkpoint")
        .orElse("paused before the next stage");
  }

  @Override
  public void checkResume() {
    if (!gate.paused()) {
      throw new IllegalStateException("the run is not paused; it is " + state);
    }
  }

  @Override
  public String resume() {
    gate.resume();
    reason = "";
    noteRun(States.RUNNING, "");
    children.resume();
    return at(States.RUNNING)
        .map(stage -> "stage " + stage + " goes on from its last checkpoint")
        .orElse("going on");
  }

  @Override
  public void checkStop(String why) {
    stop.check(why, "run");
    checkOpen("stopped");
  }

  @Override
  public String stopAfterCheckpoint(String why) {
    Optional<String> stage = at(States.RUNNING);
    stop.ask(why);
    return stage
        .map(s -> "stage " + s + " commits a checkpoint, then the run ends")
        .orElse("the run ends before its next stage");
  }

  @Override
  public void stopSignal(String why) {
    if (state.equals(States.RUNNING) && !stop.asked()) {
      stop.ask(Objects.requireNonNullElse(why, "no reason given"));
    }
  }

  @Override
  public void checkOverride(JsonNode overrides, String why) {
    if (overrides == null || !overrides.isObject() || overrides.isEmpty()) {
      throw new IllegalArgumentException(
          "setOverride needs an object of paths and values, such as {\"pretrain.optim.lr.peak\": 1e-4}");
    }
    if (why == null || why.isBlank()) {
      throw new IllegalArgumentException("setOverride needs a reason as its second input");
    }
    checkOpen("changed");
  }

  @Override
  public String setOverride(JsonNode overrides, String why) {
    OpenedRun run = Objects.requireNonNull(opened);
    Map<String, JsonNode> values = new TreeMap<>();
    overrides.properties().forEach(e -> values.put(e.getKey(), e.getValue()));
    String cause =
        Workflow.getInfo().getRunId()
            + "/"
            + Workflow.getCurrentUpdateInfo().orElseThrow().getUpdateId();
    return Calls.book("change the recipe: " + why)
        .overrideRecipe(new OverrideRequest(run.run(), run.recipe(), values, why, cause));
  }

  @Override
  public void pauseSignal(String why) {
    if (!gate.paused()) {
      pause(Objects.requireNonNullElse(why, "no reason given"));
    }
  }

  @Override
  public void resumeSignal() {
    if (gate.paused()) {
      resume();
    }
  }

  private void noteRun(String newState, String why) {
    OpenedRun run = opened;
    if (run != null) {
      book.noteRun(new NoteRun(run.run(), newState, why));
    }
    pauseChanged();
  }

  private void pauseChanged() {
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.RUN_STATUS.valueSet(gate.paused() ? States.PAUSED : state));
    show();
  }

  private void tell(String newState) {
    state = newState;
    OpenedRun run = Objects.requireNonNull(opened);
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.DINO_RUN.valueSet(run.run().value()),
        SearchAttributes.RUN_STATUS.valueSet(newState));
    show();
  }

  @Override
  public PipelineProgress progress() {
    OpenedRun run = opened;
    String id = Workflow.getInfo().getWorkflowId();
    String now = gate.paused() ? States.PAUSED : state;
    if (run == null) {
      return new PipelineProgress(id, "", now, reason, List.of());
    }
    List<PipelineProgress.Stage> stages = new ArrayList<>();
    for (StagePlan plan : run.stages()) {
      Optional<StageResult> result = Optional.ofNullable(results.get(plan.name()));
      stages.add(
          new PipelineProgress.Stage(
              plan.name(),
              plan.kind().name(),
              stageStates.getOrDefault(plan.name(), States.WAITING),
              WorkflowIds.stage(run.run(), plan.name()),
              plan.firstStep(),
              plan.lastStep(),
              result.flatMap(StageResult::reusedFrom)));
    }
    return new PipelineProgress(id, run.recipeName(), now, reason, stages);
  }

  private void show() {
    OpenedRun run = Objects.requireNonNull(opened);
    StringBuilder text =
        new StringBuilder(
            "**%s** recipe %s, %s%s%n%n| stage | state | result |%n|---|---|---|%n"
                .formatted(
                    run.run(),
                    run.recipeName(),
                    gate.paused() ? States.PAUSED : state,
                    reason.isEmpty() ? "" : ": " + reason));
    for (StagePlan plan : run.stages()) {
      text.append(
          "| %s | %s | %s |%n"
              .formatted(
                  plan.name(),
                  stageStates.getOrDefault(plan.name(), States.WAITING),
                  Optional.ofNullable(results.get(plan.name())).map(Summaries::of).orElse("")));
    }
    Workflow.setCurrentDetails(text.toString());
  }
}
