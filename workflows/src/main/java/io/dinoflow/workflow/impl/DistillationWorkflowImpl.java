package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.StagePlan.GroupPlan;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.DistillGroupWorkflow;
import io.dinoflow.workflow.api.DistillGroupWorkflow.GroupRequest;
import io.dinoflow.workflow.api.DistillationWorkflow;
import io.dinoflow.workflow.api.StageProgress;
import io.dinoflow.workflow.api.StageRequest;
import io.temporal.workflow.Async;
import io.temporal.workflow.Promise;
import io.temporal.workflow.Workflow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Groups as parallel children; each shares one teacher forward among its students. */
final class DistillationWorkflowImpl implements DistillationWorkflow {
  private final PauseGate gate = new PauseGate();
  private final StopGate stop = new StopGate();
  private final Children children = new Children(gate);
  private @Nullable StageScript script;
  private StageProgress progress = Inputs.notStarted();

  @Override
  public StageResult run(StageRequest request) {
    StageScript stage = new StageScript(request, stop);
    script = stage;
    show(request, States.RUNNING, List.of());
    StageResult result = stage.perform(Optional.empty(), reuseKey -> groups(request));
    show(request, States.DONE, result.checkpoints());
    return result;
  }

  private StageResult groups(StageRequest request) {
    List<Promise<SegmentResult>> running = new ArrayList<>();
    for (GroupPlan group : request.plan().groups()) {
      running.add(Async.function(() -> group(request, group)));
    }
    Promise.allOf(running).get();
    List<CheckpointRef> checkpoints = new ArrayList<>();
    List<Metric> metrics = new ArrayList<>();
    for (Promise<SegmentResult> promise : running) {
      checkpoints.addAll(promise.get().checkpoints());
      metrics.addAll(promise.get().metrics());
    }
    return StageResult.trained(request.plan().name(), checkpoints, metrics);
  }

  private SegmentResult group(StageRequest request, GroupPlan group) {
    String id = WorkflowIds.group(request.run(), request.plan().name(), group.name());
    String summary =
        "%s: %s from %s"
            .formatted(
                request.plan().name(),
                String.join(", ", group.students()),
                request.plan().origin().orElseThrow());
    return children.run(
        id,
        () ->
            Workflow.newChildWorkflowStub(
                DistillGroupWorkflow.class, Children.options(id, summary)),
        child -> child::run,
        new GroupRequest(group.name(), request));
  }

  @Override
  public void pause(String reason) {
    gate.pause(reason);
    children.pause(reason);
    note(States.PAUSED, reason);
  }

  @Override
  public void resume() {
    gate.resume();
    children.resume();
    note(States.RUNNING, "");
  }

  private void note(String state, String reason) {
    if (script != null) {
      script.note(state, reason);
    }
  }

  @Override
  public void checkStop(String why) {
    stop.check(why, "stage");
  }

  @Override
  public String stopAfterCheckpoint(String why) {
    stop.ask(why);
    return "a checkpoint is committed, then the stage and its run end";
  }

  @Override
  public StageProgress progress() {
    return progress;
  }

  private void show(StageRequest request, String state, List<CheckpointRef> checkpoints) {
    progress =
        new StageProgress(
            request.plan().name(),
            state,
            gate.reason(),
            checkpoints.stream().mapToLong(CheckpointRef::step).min().orElse(0),
            request.plan().firstStep(),
            request.plan().lastStep(),
            0,
            checkpoints);
  }
}
