package io.dinoflow.workflow.api;

import java.util.List;
import java.util.Optional;

/**
 * How a run stands.
 *
 * @param state waiting, running, paused, done, failed or cancelled
 * @param reason why it is paused or failed; else empty
 */
public record PipelineProgress(
    String run, String recipe, String state, String reason, List<Stage> stages) {
  public PipelineProgress {
    stages = List.copyOf(stages);
  }

  /**
   * @param kind such as {@code TRAIN}
   * @param workflowId the child whose pending activity carries the live heartbeat
   * @param firstStep,lastStep of the stage on the track's count; equal where nothing is trained
   * @param reusedFrom the run the result was taken from
   */
  public record Stage(
      String name,
      String kind,
      String state,
      String workflowId,
      long firstStep,
      long lastStep,
      Optional<String> reusedFrom) {}
}
