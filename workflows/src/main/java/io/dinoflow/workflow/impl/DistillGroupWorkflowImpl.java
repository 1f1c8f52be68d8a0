package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.DistillActivities;
import io.dinoflow.workflow.activity.DistillActivities.DistillSegment;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.StagePlan.GroupPlan;
import io.dinoflow.workflow.api.DistillGroupWorkflow;
import io.dinoflow.workflow.api.SegmentsCarried;
import io.dinoflow.workflow.api.StageProgress;
import io.dinoflow.workflow.api.StageRequest;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import org.jspecify.annotations.Nullable;

final class DistillGroupWorkflowImpl implements DistillGroupWorkflow {
  /** A group's result is recorded by its stage, under the stage's key. */
  private static final Sha256 NO_KEY = Sha256.ofText("");

  private final FlowOptions options;
  private final PauseGate gate = new PauseGate();
  private final StopGate stop = new StopGate();
  private @Nullable SegmentLoop loop;

  DistillGroupWorkflowImpl(FlowOptions options) {
    this.options = options;
  }

  @Override
  public SegmentResult run(GroupRequest request) {
    StageRequest stage = request.stage();
    new StageScript(stage, stop).tell(States.RUNNING);
    GroupPlan group =
        stage.plan().groups().stream()
            .filter(g -> g.name().equals(request.group()))
            .findFirst()
            .orElseThrow();
    DatasetRef dataset = Inputs.dataset(stage);
    CheckpointRef teacher = Inputs.origin(stage).orElseThrow();
    SegmentLoop segments =
        new SegmentLoop(
            stage,
            stage.plan().name() + "/" + group.name(),
            options,
            gate,
            (from, until, gramTeacher, profileSteps, summary) ->
                segment(
                    new DistillSegment(
                        stage.run(),
                        stage.plan().name(),
                        group.name(),
                        group.students(),
                        stage.recipe(),
                        from,
                        until,
                        teacher,
                        dataset,
                        profileSteps),
                    summary),
            (state, reason) -> {});
    loop = segments;
    try {
      return stop.run(() -> segments.run(NO_KEY, state -> goOn(request, state)));
    } catch (TemporalFailure failure) {
      if (stop.ended(failure) && !Reasons.cancelRequested()) {
        throw StopGate.failure(
            "group %s of stage %s was stopped: %s"
                .formatted(group.name(), stage.plan().name(), stop.reason()));
      }
      throw failure;
    }
  }

  private static void goOn(GroupRequest request, SegmentsCarried state) {
    Workflow.newContinueAsNewStub(DistillGroupWorkflow.class)
        .run(new GroupRequest(request.group(), request.stage().carrying(state)));
  }

  private SegmentResult segment(DistillSegment request, String summary) {
    return Calls.heavy(
            DistillActivities.class, TaskQueues.TRAIN, SegmentedStage.SEGMENT_MAX, options, summary)
        .distillSegment(request);
  }

  @Override
  public void pause(String reason) {
    gate.pause(reason);
  }

  @Override
  public void resume() {
    gate.resume();
  }

  @Override
  public void checkStop(String why) {
    stop.check(why, "group");
  }

  @Override
  public String stopAfterCheckpoint(String why) {
    stop.ask(why);
    return "a checkpoint is committed, then the group, its stage and the run end";
  }

  @Override
  public StageProgress progress() {
    return loop == null ? Inputs.notStarted() : loop.progress();
  }
}
