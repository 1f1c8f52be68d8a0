package io.dinoflow.ops.web;

import io.dinoflow.ops.Schedules;
import io.dinoflow.storage.registry.Firing;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What Temporal says of its schedules right now. Both questions are answered within two seconds, or
 * fail with {@link NoAnswerException}: the database then has what was decided, and nobody knows
 * what comes next. Callable from any thread.
 */
public interface LiveSchedules {
  /** By name; empty where there is none. */
  List<Schedules.Summary> list();

  /**
   * One of them with its firings; empty where Temporal has none of this name.
   *
   * @param recorded what retraining recorded of its firings, newest first
   */
  Optional<Schedules.Story> story(String name, List<Firing> recorded, Instant now);

  /** Nobody told: the message is a sentence that says why. */
  final class NoAnswerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    NoAnswerException(String message) {
      super(message);
    }

    NoAnswerException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
