package io.dinoflow.ops.embedded;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waiting where there is nothing to be told by: another process, a file, a port. */
final class Wait {
  private static final long POLL_INTERVAL_NANOS = Duration.ofMillis(50).toNanos();

  private Wait() {}

  /** Polls until the condition holds or the time is over; tells which. */
  static boolean until(BooleanSupplier condition, Duration limit) throws InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end >= 0) {
        return false;
      }
      LockSupport.parkNanos(POLL_INTERVAL_NANOS);
      if (Thread.interrupted()) {
        throw new InterruptedException("interrupted while waiting");
      }
    }
    return true;
  }
}
