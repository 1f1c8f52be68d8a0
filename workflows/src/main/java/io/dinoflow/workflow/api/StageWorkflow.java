package io.dinoflow.workflow.api;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;

/** What every stage's workflow understands; the run's workflow sends the signals. */
public interface StageWorkflow {
  @SignalMethod(description = "Checkpoints, frees the worker and waits; input: the reason")
  void pause(String reason);

  @SignalMethod(description = "Goes on from the last checkpoint")
  void resume();

  @QueryMethod(description = "How the stage stands, as of the last finished segment")
  StageProgress progress();
}
