package io.dinoflow.activity.support;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells a stalled piece of work from a slow one, by how long it took from one sign of progress to
 * the next in the same phase before. Thread-safe.
 */
final class Pace {
  /** How many times the slowest step so far may a step take. */
  private static final int PATIENCE = 10;

  private static final Duration NOTICED_AFTER = Duration.ofSeconds(30);

  /** How work stands that shows no sign of progress. */
  enum Standing {
    STEADY,
    /** Much longer than ever before; it may still come. */
    SLOW,
    /** Longer than can be hoped for. */
    STALLED
  }

  private final long stallLimitNanos;
  private final Map<String, Long> slowestNanos = new ConcurrentHashMap<>();

  Pace(Duration stallLimit) {
    this.stallLimitNanos = stallLimit.toNanos();
  }

  /** A step of the phase took so long. */
  void took(String phase, long nanos) {
    slowestNanos.merge(phase, nanos, Math::max);
  }

  /** What it means that a step of the phase has taken so long already. */
  Standing of(String phase, long nanos) {
    long usual = slowestNanos.getOrDefault(phase, 0L);
    if (nanos > Math.max(stallLimitNanos, PATIENCE * usual)) {
      return Standing.STALLED;
    }
    boolean unusual = usual > 0 && nanos > Math.max(NOTICED_AFTER.toNanos(), 2 * usual);
    return unusual ? Standing.SLOW : Standing.STEADY;
  }

  Duration slowest(String phase) {
    return Duration.ofNanos(slowestNanos.getOrDefault(phase, 0L));
  }
}
