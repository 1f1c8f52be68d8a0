package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import java.util.List;

/**
 * Where a segment left its tracks.
 *
 * @param step steps behind {@code checkpoints}; the track's first step where there are none
 * @param checkpoints the commit at {@code step} of each track
 * @param metrics {@code total_loss} and other numbers of the last steps
 */
public record SegmentResult(
    long step, End end, List<CheckpointRef> checkpoints, List<Metric> metrics) {

  /** Why the segment ended. */
  public enum End {
    /** The step that was asked for is committed. */
    REACHED,
    /** Told to stop, or the time rule: committed, and the next segment goes on from there. */
    EARLY,
    /**
     * What was committed turned out damaged and the head fell back to before this segment: the
     * workflow must choose the Gram teacher of that step again.
     */
    REWOUND
  }

  public SegmentResult {
    checkpoints = List.copyOf(checkpoints);
    metrics = List.copyOf(metrics);
  }
}
