package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.ops.FiringAccount;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.testing.QuietSchedules;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainRequest;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of firings while nobody works, or while Temporal itself is down. */
class ScheduleOutagesIT {
  private static final Duration LONGEST = Duration.ofMinutes(5);
  private static final String NAME = "often";

  @TempDir Path folder;

  @Test
  void oneFiringWaitsForAWorkerAndTheOthersAreSkipped() throws Exception {
    try (TestTemporal temporal = TestTemporal.in(folder)) {
      Schedules schedules = new Schedules(temporal.client());
      schedules.create(
          draft(Duration.ofSeconds(6), ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP));
      await()
          .atMost(LONGEST)
          .untilAsserted(
              () ->
                  assertThat(account(schedules))
                      .filteredOn(firing -> firing.state().equals("overlap"))
                      .hasSizeGreaterThanOrEqualTo(2)
                      .allSatisfy(
                          firing ->
                              assertThat(firing.reason())
                                  .contains("skipped, because the firing of")));
      Schedules.Story waiting = schedules.story(NAME);
      assertThat(waiting.fired()).isEqualTo(1);
      assertThat(waiting.skipped()).isGreaterThanOrEqualTo(2);
      assertThat(account(schedules))
          .anySatisfy(
              firing -> {
                assertThat(firing.state()).isEqualTo("running");
                assertThat(firing.reason()).startsWith("waited ").contains("for a worker");
              });

      schedules.pause(NAME, "enough");
      await().atMost(LONGEST).until(() -> schedules.story(NAME).schedule().paused());
      temporal.startWorker(new Decider());

      await()
          .atMost(LONGEST)
          .untilAsserted(
              () ->
                  assertThat(schedules.story(NAME).firings())
                      .extracting(Schedules.Firing::state)
                      .containsExactly("no run"));
    }
  }

  @Test
  void firingsThatFellIntoAnOutageOfTemporalAreMadeUp() throws Exception {
    try (TestTemporal temporal = TestTemporal.in(folder)) {
      Schedules schedules = new Schedules(temporal.client());
      temporal.startWorker(new Decider());
      schedules.create(
          draft(Duration.ofSeconds(6), ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ALL));
      await().atMost(LONGEST).until(() -> schedules.story(NAME).fired() >= 1);
      // one that went on through the outage would be what all others waited for
      QuietSchedules.awaitIdle(temporal.client(), NAME);
      temporal.killServer();
      Instant down = Instant.now();
      // three firings fall into it, the last of them long enough ago to be late
      await().atMost(LONGEST).until(() -> Instant.now().isAfter(down.plusSeconds(30)));
      temporal.startServerAgain();
      Instant up = Instant.now();

      await()
          .atMost(LONGEST)
          .untilAsserted(
              () ->
                  assertThat(account(schedules))
                      .filteredOn(
                          firing ->
                              firing.scheduledAt().isAfter(down)
                                  && firing.scheduledAt().isBefore(up.minusSeconds(12)))
                      .hasSizeGreaterThanOrEqualTo(3)
                      .allSatisfy(
                          firing -> {
                            assertThat(firing.state()).isEqualTo("no run");
                            assertThat(firing.reason())
                                .matches("(made up|waited) .*late.*|waited .*");
                          })
                      .anySatisfy(firing -> assertThat(firing.reason()).startsWith("made up ")));
      assertThat(schedules.story(NAME).missed()).isZero();
    }
  }

  private static List<Schedules.Firing> account(Schedules schedules) {
    List<Schedules.Firing> told = schedules.story(NAME).firings();
    Instant now = Instant.now();
    List<Instant> due =
        told.stream()
            .map(Schedules.Firing::scheduledAt)
            .min(Comparator.naturalOrder())
            .map(oldest -> schedules.due(NAME, oldest, now))
            .orElse(List.of());
    return FiringAccount.of(told, List.of(), due, now);
  }

  private static Schedules.Draft draft(Duration every, ScheduleOverlapPolicy overlap) {
    return new Schedules.Draft(
        NAME,
        "demo",
        RetrainRequest.plain(
            NAME, new ObjectMapper().createObjectNode().put("recipe", "demo"), false),
        Schedules.Times.every(every),
        new Schedules.Policy(overlap, Duration.ofHours(1), Duration.ZERO));
  }
}
