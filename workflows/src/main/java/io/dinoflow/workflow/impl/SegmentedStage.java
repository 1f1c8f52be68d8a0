package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.StageProgress;
import io.dinoflow.workflow.api.StageRequest;
import io.dinoflow.workflow.api.StageWorkflow;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A stage with one series of segments: Train and AlignText. */
abstract class SegmentedStage implements StageWorkflow {
  /** Far above any segment; a hang is found by the missing heartbeat. */
  static final Duration SEGMENT_MAX = Duration.ofHours(24);

  private final FlowOptions options;
  private final PauseGate gate = new PauseGate();
  private final StopGate stop = new StopGate();
  private @Nullable SegmentLoop loop;

  SegmentedStage(FlowOptions options) {
    this.options = options;
  }

  FlowOptions options() {
    return options;
  }

  /** Book-keeping around the loop of segments. */
  StageResult train(
      StageRequest request, SegmentLoop.Segment segment, Consumer<StageRequest> successor) {
    StageScript script = new StageScript(request, stop);
    String name = request.plan().name();
    SegmentLoop segments = new SegmentLoop(request, name, options, gate, segment, script::note);
    loop = segments;
    return script.perform(
        Optional.empty(),
        reuseKey -> {
          SegmentResult last =
              segments.run(reuseKey, state -> successor.accept(request.carrying(state)));
          return StageResult.trained(name, last.checkpoints(), last.metrics());
        });
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
    stop.check(why, "stage");
  }

  @Override
  public String stopAfterCheckpoint(String why) {
    stop.ask(why);
    return "a checkpoint is committed, then the stage and its run end";
  }

  @Override
  public StageProgress progress() {
    return loop == null ? Inputs.notStarted() : loop.progress();
  }
}
