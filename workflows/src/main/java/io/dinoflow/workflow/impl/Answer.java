package io.dinoflow.workflow.impl;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What somebody answers to the question whether a challenger takes the champion's place. */
final class Answer {
  private static final String FORM =
      "{\"verdict\": \"approve\" or \"reject\", \"why\": \"better on birds\", \"who\": \"ada\"}";

  private boolean asked;
  private @Nullable Given given;

  /** A complete answer. */
  record Given(boolean approved, String who, String why) {}

  /** Refuses what is no answer, or an answer that nobody waits for. */
  void check(JsonNode answer) {
    String verdict = answer.path("verdict").asText("");
    if (!verdict.equals("approve") && !verdict.equals("reject")) {
      throw new IllegalArgumentException(
          "verdict is \"%s\", must be approve or reject: %s".formatted(verdict, FORM));
    }
    if (answer.path("why").asText("").isBlank()) {
      throw new IllegalArgumentException("an answer needs a reason: " + FORM);
    }
    Given before = given;
    if (before != null) {
      throw new IllegalStateException(
          "%s answered already: %s".formatted(before.who(), before.why()));
    }
    if (!asked) {
      throw new IllegalStateException("nothing is asked; the challenger is not judged yet");
    }
  }

  String give(JsonNode answer) {
    Given now =
        new Given(
            answer.path("verdict").asText().equals("approve"),
            Optional.of(answer.path("who").asText("").strip())
                .filter(who -> !who.isEmpty())
                .orElse("somebody in the Temporal UI"),
            answer.path("why").asText().strip());
    given = now;
    return now.approved() ? "it is promoted" : "the champion stays";
  }

  /** Takes answers from here on: to be called before anybody can read the question. */
  void open() {
    asked = true;
  }

  /** Waits for it; empty where nobody answered in time. */
  Optional<Given> await(Duration longest) {
    Workflow.await(longest, () -> given != null);
    asked = false;
    return Optional.ofNullable(given).map(Objects::requireNonNull);
  }
}
