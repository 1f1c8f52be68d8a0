package io.dinoflow.workflow.api;

import io.dinoflow.model.artifact.CheckpointRef;
import java.util.List;

/**
 * How a stage stands.
 *
 * @param state waiting, running, paused, done, failed or cancelled
 * @param step steps that a finished segment has committed; live numbers are the heartbeat's
 * @param checkpoints newest known of each track
 */
public record StageProgress(
    String stage,
    String state,
    String reason,
    long step,
    long firstStep,
    long lastStep,
    int segments,
    List<CheckpointRef> checkpoints) {
  public StageProgress {
    checkpoints = List.copyOf(checkpoints);
  }
}
