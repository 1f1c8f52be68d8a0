package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.support.StepProfile.Lane;
import io.dinoflow.activity.support.StepProfile.Part;
import io.dinoflow.activity.support.StepProfile.Span;
import io.dinoflow.model.artifact.RunId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StepProfileTest {
  private static final RunId RUN = new RunId("a:run");

  @TempDir Path folder;

  /** Three steps of a wait and two forwards, a checkpoint after the second, a commit beside. */
  private static StepProfile profile() {
    List<Span> spans = new ArrayList<>();
    long at = 0;
    for (int step = 1; step <= 3; step++) {
      long wait = step * 1_000_001L;
      spans.add(new Span(Lane.TRAINING, "step", step, at, wait + 4_000_006));
      spans.add(new Span(Lane.TRAINING, "data_wait", step, at, wait));
      spans.add(new Span(Lane.TRAINING, "student_forward", step, at + wait, 1_500_003));
      spans.add(new Span(Lane.TRAINING, "student_forward", step, at + wait + 1_500_003, 2_500_003));
      at += wait + 4_000_006;
      if (step == 2) {
        spans.add(new Span(Lane.TRAINING, "checkpoint", step, at, 7_000_000));
        spans.add(new Span(Lane.COMMIT, "commit", step, at + 5, 9_000_000));
        at += 7_000_000;
      }
    }
    return new StepProfile(RUN, "distill/small", spans);
  }

  @Test
  void isReadBackToTheNanosecond() throws Exception {
    assertThat(StepProfile.read(profile().json())).isEqualTo(profile());
  }

  @Test
  void isATraceOfCompleteEventsInMicrosecondsWhosePartsLieWithinTheirSteps() throws Exception {
    JsonNode trace = new ObjectMapper().readTree(profile().json());
    List<JsonNode> spans = new ArrayList<>();
    List<String> threads = new ArrayList<>();
    for (JsonNode event : trace.get("traceEvents")) {
      if (event.get("ph").asText().equals("M")) {
        threads.add(event.get("tid").asInt() + " " + event.get("args").get("name").asText());
      } else {
        assertThat(event.get("ph").asText()).isEqualTo("X");
        spans.add(event);
      }
    }
    assertThat(threads).containsExactly("1 training", "2 commit");
    assertThat(spans).hasSize(14);
    assertThat(spans.get(1).get("dur").asDouble()).isEqualTo(1000.001);

    Map<Integer, JsonNode> steps =
        spans.stream()
            .filter(span -> span.get("cat").asText().equals("step"))
            .collect(Collectors.toMap(StepProfileTest::step, span -> span));
    assertThat(steps).containsOnlyKeys(1, 2, 3);
    assertThat(spans)
        .filteredOn(span -> span.get("name").asText().matches("data_wait|student_forward"))
        .hasSize(9)
        .allSatisfy(
            part -> {
              JsonNode around = steps.get(step(part));
              assertThat(part.get("tid")).isEqualTo(around.get("tid"));
              assertThat(part.get("ts").asDouble())
                  .isGreaterThanOrEqualTo(around.get("ts").asDouble());
              assertThat(until(part)).isLessThanOrEqualTo(until(around) + 1e-6);
            });
  }

  private static int step(JsonNode span) {
    return span.get("args").get("step").asInt();
  }

  private static double until(JsonNode span) {
    return span.get("ts").asDouble() + span.get("dur").asDouble();
  }

  @Test
  void itsTableSumsTheSpansOfTheTrainingThread() {
    List<Part> parts = profile().parts();

    assertThat(parts)
        .extracting(Part::phase)
        .containsExactly("data_wait", "student_forward", "checkpoint");
    assertThat(parts)
        .extracting(Part::totalNanos)
        .containsExactly(6_000_006L, 12_000_018L, 7_000_000L);
    assertThat(parts)
        .as("a step without a checkpoint counts as nothing")
        .extracting(Part::medianNanos)
        .containsExactly(2_000_002L, 4_000_006L, 0L);
    assertThat(parts.stream().mapToDouble(Part::share).sum()).isCloseTo(1, within(1e-12));
    assertThat(parts.get(2).share()).isCloseTo(7_000_000 / 25_000_024.0, within(1e-12));
  }

  @Test
  void isFoundByItsRunAndNoOther() throws Exception {
    Profiles profiles = Profiles.under(folder.resolve("profiles"));
    assertThat(profiles.of(RUN)).isEmpty();

    Path file = profiles.write(profile());
    profiles.write(new StepProfile(new RunId("a_run"), "pretrain", profile().spans()));
    profiles.write(new StepProfile(new RunId("a_run-2"), "pretrain", profile().spans()));

    assertThat(profiles.of(RUN)).containsExactly(new Profiles.Stored(file, profile()));
    assertThat(profiles.of(new RunId("a_run"))).hasSize(1);
    assertThat(profiles.write(profile())).as("a newer one replaces it").isEqualTo(file);
    try (var files = Files.list(folder.resolve("profiles"))) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void whatIsNoProfileIsRefused() {
    assertThatThrownBy(() -> StepProfile.read("{\"traceEvents\": []}"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no profile");
  }
}
