package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.ops.ScheduleFailure;
import io.dinoflow.ops.Schedules;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedules on a real Temporal server, with decisions made by hand. */
class SchedulesIT {
  private static final Duration FIRED_MAX = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final Decider decider = new Decider();
  private Optional<TestTemporal> temporal = Optional.empty();
  private Optional<Schedules> opened = Optional.empty();

  @BeforeEach
  void startTemporalAndAWorker() throws Exception {
    TestTemporal started = TestTemporal.in(folder);
    temporal = Optional.of(started);
    started.startWorker(decider);
    opened = Optional.of(new Schedules(started.client()));
  }

  @AfterEach
  void stopWhatWasStarted() throws Exception {
    if (temporal.isPresent()) {
      temporal.get().close();
    }
  }

  @Test
  void firesDecidesAndTellsWhy() {
    schedules().create(draft("nightly", Schedules.Times.every(Duration.ofDays(365))));
    Schedules.Story before = schedules().story("nightly");
    assertThat(before.firings()).isEmpty();
    assertThat(before.schedule().next()).isNotEmpty();
    assertThat(before.schedule().recipe()).isEqualTo("demo");

    schedules().trigger("nightly");
    Schedules.Firing stayed = awaitFiring(1, "no run");
    assertThat(stayed.reason()).isEqualTo("dataset birds is still at version 1");
    assertThat(stayed.run()).isEmpty();

    decider.starts = true;
    schedules().trigger("nightly");
    Schedules.Firing failed = awaitFiring(2, "failed");
    assertThat(failed.reason()).contains("this recipe cannot be run");
    assertThat(failed.run()).get().isEqualTo(decider.asked.get(1).run());
    assertThat(decider.asked)
        .allSatisfy(question -> assertThat(question.schedule()).isEqualTo("nightly"))
        .allSatisfy(
            question -> assertThat(question.request().get("recipe").asText()).isEqualTo("demo"));
    assertThat(schedules().story("nightly").fired()).isEqualTo(2);
  }

  @Test
  void pausesResumesListsAndForgets() {
    schedules().create(draft("b", Schedules.Times.cron("0 3 * * *", ZoneId.of("Europe/Berlin"))));
    schedules().create(draft("a", Schedules.Times.every(Duration.ofHours(6))));

    schedules().pause("b", "holidays");

    assertThat(schedules().story("b").schedule().paused()).isTrue();
    assertThat(schedules().story("b").schedule().note()).isEqualTo("holidays");
    await()
        .atMost(FIRED_MAX)
        .untilAsserted(
            () ->
                assertThat(schedules().list())
                    .extracting(Schedules.Summary::name, Schedules.Summary::paused)
                    .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("a", false),
                        org.assertj.core.groups.Tuple.tuple("b", true)));
    schedules().resume("b");
    assertThat(schedules().story("b").schedule().paused()).isFalse();
    schedules().delete("b");
    assertThat(refused(() -> schedules().story("b"))).isEqualTo(ScheduleFailure.Kind.UNKNOWN);
  }

  @Test
  void saysWhatTemporalDoesNotTake() {
    schedules().create(draft("a", Schedules.Times.every(Duration.ofHours(6))));

    assertThat(
            refused(
                () -> schedules().create(draft("a", Schedules.Times.every(Duration.ofHours(1))))))
        .isEqualTo(ScheduleFailure.Kind.EXISTS);
    assertThat(
            refused(
                () ->
                    schedules()
                        .create(draft("c", Schedules.Times.cron("at dawn", ZoneId.of("UTC"))))))
        .isEqualTo(ScheduleFailure.Kind.REFUSED);
    assertThat(refused(() -> schedules().trigger("nobody")))
        .isEqualTo(ScheduleFailure.Kind.UNKNOWN);
  }

  private Schedules schedules() {
    return opened.orElseThrow();
  }

  private Schedules.Firing awaitFiring(int count, String state) {
    await()
        .atMost(FIRED_MAX)
        .untilAsserted(
            () -> {
              List<Schedules.Firing> firings = schedules().story("nightly").firings();
              assertThat(firings).hasSize(count);
              assertThat(firings.get(0).state()).isEqualTo(state);
            });
    return schedules().story("nightly").firings().get(0);
  }

  private static ScheduleFailure.Kind refused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(ScheduleFailure.class, call).kind();
  }

  private static Schedules.Draft draft(String name, Schedules.Times times) {
    return Schedules.Draft.plain(
        name,
        "demo",
        new ObjectMapper().createObjectNode().put("recipe", "demo"),
        times,
        Schedules.Decision.WHEN_DATA_IS_NEW);
  }
}
