package io.dinoflow.workflow.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.SignalMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * A whole run: its stages in order, each a child workflow {@code run/stage}. The workflow id is the
 * run's id.
 *
 * <p>Started again under the same id with the same recipe it gives a finished run's result, and
 * goes on from what is committed after a failure or a cancellation. Wrong input fails it at once
 * with every problem in one text.
 */
@WorkflowInterface
public interface PipelineWorkflow {
  /**
   * @param request {@code {"recipe": NAME or TREE, "overrides": {"pretrain.steps": 2000}, "data":
   *     "emoji", "reuse": true}}; everything but the recipe is optional. A tree, so that wrong
   *     input reaches the strict reader instead of hanging
   */
  @WorkflowMethod
  PipelineResult run(JsonNode request);

  @UpdateMethod(
      description = "Checkpoints the running stage, frees its worker and waits for resume")
  String pause(String reason);

  @UpdateValidatorMethod(updateName = "pause")
  void checkPause(String reason);

  @UpdateMethod(description = "Goes on from the last checkpoint")
  String resume();

  @UpdateValidatorMethod(updateName = "resume")
  void checkResume();

  /**
   * @param overrides by path, as in the run's request: {@code {"pretrain.optim.lr.peak": 1e-4}}
   */
  @UpdateMethod(
      description =
          "Changes the recipe from the next segment of each named stage on, as a recorded revision; input: {\"pretrain.optim.lr.peak\": 1e-4}, then the reason")
  String setOverride(JsonNode overrides, String reason);

  @UpdateValidatorMethod(updateName = "setOverride")
  void checkOverride(JsonNode overrides, String reason);

  @UpdateMethod(
      description =
          "Commits a checkpoint, then ends the run; started again it goes on from there; input: the reason")
  String stopAfterCheckpoint(String reason);

  @UpdateValidatorMethod(updateName = "stopAfterCheckpoint")
  void checkStop(String reason);

  /** As stopAfterCheckpoint, for callers that do not wait. */
  @SignalMethod(
      name = "stop_signal",
      description = "Commits a checkpoint, then ends the run; input: the reason")
  void stopSignal(String reason);

  /** As pause, for callers that do not wait. */
  @SignalMethod(
      name = "pause_signal",
      description = "Checkpoints the running stage and waits for resume; input: the reason")
  void pauseSignal(String reason);

  /** As resume, for callers that do not wait. */
  @SignalMethod(name = "resume_signal", description = "Goes on from the last checkpoint")
  void resumeSignal();

  @QueryMethod(description = "Which stage the run is at and how every stage stands")
  PipelineProgress progress();
}
