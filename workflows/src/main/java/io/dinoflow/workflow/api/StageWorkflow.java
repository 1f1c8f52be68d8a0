package io.dinoflow.workflow.api;

import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;

/**
 * What every stage's workflow understands. The run's workflow sends the signals; a person who has
 * only the stage before them may stop it, which ends the run as if the run had been asked.
 */
public interface StageWorkflow {
  @SignalMethod(description = "Checkpoints, frees the worker and waits; input: the reason")
  void pause(String reason);

  @SignalMethod(description = "Goes on from the last checkpoint")
  void resume();

  @UpdateMethod(
      description =
          "Commits a checkpoint, then ends the stage and its run; started again the run goes on from there; input: the reason")
  String stopAfterCheckpoint(String reason);

  @UpdateValidatorMethod(updateName = "stopAfterCheckpoint")
  void checkStop(String reason);

  @QueryMethod(description = "How the stage stands, as of the last finished segment")
  StageProgress progress();
}
