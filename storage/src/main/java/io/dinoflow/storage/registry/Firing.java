package io.dinoflow.storage.registry;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a firing of a retraining schedule decided, as far as it is decided.
 *
 * @param workflow id of the workflow that decides
 * @param firedAt when it was due
 * @param run that it starts, or would have started
 * @param reason in words, as {@code why} prints it
 * @param question digest of what it was decided on; empty while that is not known
 * @param numbers what the gate was decided on, by name
 * @param begunAt when a worker first looked at it; empty before it is recorded
 */
public record Firing(
    String workflow,
    String schedule,
    Instant firedAt,
    RunId run,
    Outcome outcome,
    String reason,
    Optional<Sha256> question,
    Map<String, Double> numbers,
    Optional<Instant> begunAt) {
  public Firing {
    numbers = Map.copyOf(numbers);
  }

  /** How far it came. */
  public enum Outcome {
    /** It looks at the data. */
    DECIDING,
    /** It started no run. */
    SKIPPED,
    /** Its run goes on. */
    TRAINING,
    /** The gate let the challenger pass, and somebody is asked. */
    ASKED,
    PROMOTED,
    /** The gate did not let the challenger pass. */
    REFUSED,
    /** Somebody said no, or nobody said anything in time. */
    REJECTED,
    FAILED,
    CANCELLED;

    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether nothing more comes of it. */
    public boolean isSettled() {
      return this != DECIDING && this != TRAINING && this != ASKED;
    }

    static Outcome ofWord(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }
}
