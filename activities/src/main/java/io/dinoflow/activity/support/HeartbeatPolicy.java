package io.dinoflow.activity.support;

import java.time.Duration;

/**
 * How often a long activity beats, and how long it may stand still before it stops beating.
 *
 * @param interval between two beats; the worker's throttle decides how many reach the server
 * @param stallLimit without any progress for so long, beats stop, so that a deadlock becomes a
 *     heartbeat timeout; longer than any single step, upload or load
 */
public record HeartbeatPolicy(Duration interval, Duration stallLimit) {
  /** One machine, heartbeat timeout 15 s. */
  public static HeartbeatPolicy embedded() {
    return new HeartbeatPolicy(Duration.ofSeconds(1), Duration.ofMinutes(5));
  }

  /** Heartbeat timeout 90 s. */
  public static HeartbeatPolicy production() {
    return new HeartbeatPolicy(Duration.ofSeconds(5), Duration.ofMinutes(15));
  }

  /** Heartbeat timeout 3 s. */
  public static HeartbeatPolicy test() {
    return new HeartbeatPolicy(Duration.ofMillis(500), Duration.ofMinutes(5));
  }
}
