package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.api.StageProgress;
import io.dinoflow.workflow.api.StageRequest;
import io.dinoflow.workflow.api.StageWorkflow;
import java.util.List;

/**
 * A stage of few activities that are short beside training: a pause holds it between two of them.
 */
abstract class PlainStage implements StageWorkflow {
  private final PauseGate gate = new PauseGate();
  private final StopGate stop = new StopGate();
  private StageProgress progress = Inputs.notStarted();

  PauseGate gate() {
    return gate;
  }

  StageScript script(StageRequest request) {
    return new StageScript(request, stop);
  }

  void begin(StageRequest request) {
    progress = of(request, States.RUNNING);
  }

  void end(StageRequest request) {
    progress = of(request, States.DONE);
  }

  private static StageProgress of(StageRequest request, String state) {
    return new StageProgress(request.plan().name(), state, "", 0, 0, 0, 0, List.of());
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
    return progress;
  }
}
