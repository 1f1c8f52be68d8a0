package io.dinoflow.workflow.api;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import java.util.List;

/**
 * All that a training workflow takes along when it continues as new. What is trained is in the
 * store, so this is small.
 *
 * @param step committed steps as far as the workflow knows
 * @param segments segments behind it
 * @param reuseKey what the stage's result will be found by
 * @param retries retries after refused steps
 * @param gramTeachers the references chosen at each refresh so far, first one first
 */
public record SegmentsCarried(
    long step,
    int segments,
    int retries,
    Sha256 reuseKey,
    List<CheckpointRef> gramTeachers,
    boolean paused,
    String pauseReason) {
  public SegmentsCarried {
    gramTeachers = List.copyOf(gramTeachers);
  }
}
