package io.dinoflow.ops.chaos;

import io.dinoflow.activity.maintain.TrackPolicies;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.checkpoint.Housekeeping;
import java.time.Duration;

/** What {@code dinoflow gc} does, without its grace: what may go must be safe to let go now. */
final class Sweep {
  private static final Housekeeping.Limits AT_ONCE =
      new Housekeeping.Limits(Duration.ZERO, Duration.ZERO, Housekeeping.Doubt.IS_OVERRULED);

  private Sweep() {}

  /** One round. */
  static Housekeeping.Round once(Services services) {
    return services.housekeeping().run(new TrackPolicies(services.lineage()), AT_ONCE, phase -> {});
  }

  /**
   * Rounds until nothing more may go: one deletes a bounded part.
   *
   * @return blobs and orphans that went
   */
  static long all(Services services) {
    long gone = 0;
    Housekeeping.Round round;
    do {
      round = once(services);
      gone += round.blobs().blobs() + round.orphans().blobs();
    } while (round.blobs().blobs() > 0 && round.left().blobs() > 0);
    return gone;
  }
}
