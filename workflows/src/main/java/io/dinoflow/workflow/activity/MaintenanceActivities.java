package io.dinoflow.workflow.activity;

import io.temporal.activity.ActivityInterface;
import java.util.List;

/**
 * Keeps the store tidy and honest. Every call may be repeated or run beside another, and beside any
 * training: it does what is left to do. Heartbeats {@link Progress}.
 */
@ActivityInterface
public interface MaintenanceActivities {

  /**
   * Lets go of checkpoints that policies do not keep, and deletes what nothing names.
   *
   * <p>Fails without retry: OddStore, where the store does not look as the last round left it.
   */
  Collected collect();

  /** Reads stored bytes back; what is damaged is marked, so that nobody builds on it. */
  Scrubbed scrub(ScrubRequest request);

  /**
   * @param expired checkpoints
   * @param blobs objects deleted that nothing held
   * @param left blobs for the next round, because one round deletes a bounded part
   * @param orphans objects deleted that no row knew
   * @param uploads unfinished ones thrown away
   */
  record Collected(long expired, long blobs, long bytes, long left, long orphans, long uploads) {}

  /**
   * @param bytesMax read at most, besides the newest checkpoint of every track
   */
  record ScrubRequest(long bytesMax) {}

  /**
   * @param damaged a line each
   */
  record Scrubbed(long blobs, long bytes, List<String> damaged) {
    public Scrubbed {
      damaged = List.copyOf(damaged);
    }
  }
}
