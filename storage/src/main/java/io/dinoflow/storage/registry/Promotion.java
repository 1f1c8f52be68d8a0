package io.dinoflow.storage.registry;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * A move of an alias.
 *
 * @param version what it points at since
 * @param replaced what it pointed at before
 * @param decision who, why and on what numbers
 */
public record Promotion(
    String model,
    String alias,
    Kind kind,
    int version,
    Optional<Integer> replaced,
    Decision decision,
    Instant at) {

  /** Which way it moved. */
  public enum Kind {
    PROMOTED,
    ROLLED_BACK
  }

  /**
   * @param who a person or a schedule
   * @param numbers what it was decided on, by name
   */
  public record Decision(String who, String why, Map<String, Double> numbers) {
    public Decision {
      numbers = Map.copyOf(numbers);
      if (why.isBlank()) {
        throw new IllegalArgumentException(
            "a promotion needs a reason, such as \"better on birds\"");
      }
    }
  }
}
