package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.ops.ScheduleFailure;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.testing.QuietSchedules;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainRequest;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleHandle;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schedules on a real Temporal server, with decisions made by hand. */
class SchedulesIT {
  private static final Duration FIRED_MAX = Duration.ofMinutes(3);
  private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");
  private static final ZoneId NEW_YORK = ZoneId.of("America/New_York");

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
    schedules().create(draft("nightly", Schedules.Times.every(QuietSchedules.NEVER)));
    Schedules.Story before = schedules().story("nightly");
    assertThat(before.firings()).isEmpty();
    assertThat(before.schedule().next()).isNotEmpty();
    assertThat(before.schedule().recipe()).isEqualTo("demo");

    schedules().trigger("nightly");
    Schedules.Firing stayed = awaitFiring(1, "no run");
    assertThat(stayed.reason()).isEqualTo("dataset birds is still at version 1");
    assertThat(stayed.run()).isEmpty();

    QuietSchedules.awaitIdle(temporal.orElseThrow().client(), "nightly");
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

  @Test
  void whatWasAskedForIsWhatTemporalKeeps() {
    RetrainRequest request =
        new RetrainRequest(
            "careful",
            new ObjectMapper().createObjectNode().put("recipe", "demo"),
            false,
            Optional.of("/pictures"),
            Optional.of("birds"),
            Optional.empty(),
            Optional.empty(),
            Optional.of(5L),
            Optional.empty(),
            Optional.of("auto"),
            Optional.empty(),
            Optional.of("champion"));
    schedules()
        .create(
            new Schedules.Draft(
                "careful",
                "demo",
                request,
                Schedules.Times.cron("0 3 * * *", NEW_YORK),
                new Schedules.Policy(
                    ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE,
                    Duration.ofHours(2),
                    Duration.ofMinutes(10))));
    schedules().pause("careful", "holidays");

    Schedule kept = handle("careful").describe().getSchedule();
    assertThat(kept.getSpec().getTimeZoneName()).isEqualTo("America/New_York");
    assertThat(kept.getSpec().getJitter()).isEqualTo(Duration.ofMinutes(10));
    assertThat(kept.getPolicy().getOverlap())
        .isEqualTo(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_BUFFER_ONE);
    assertThat(kept.getPolicy().getCatchupWindow()).isEqualTo(Duration.ofHours(2));
    assertThat(kept.getPolicy().isPauseOnFailure()).isFalse();
    assertThat(kept.getState().isPaused()).isTrue();
    assertThat(kept.getState().getNote()).isEqualTo("holidays");
    ScheduleActionStartWorkflow action = (ScheduleActionStartWorkflow) kept.getAction();
    assertThat(action.getArguments().get(0, RetrainRequest.class)).isEqualTo(request);
    assertThat(schedules().story("careful").schedule().when())
        .isEqualTo("cron \"0 3 * * *\" America/New_York");
  }

  @Test
  void firesWhenTheClocksOfItsZoneSaySo() {
    schedules().create(draft("berlin", Schedules.Times.cron("0 3 * * *", BERLIN)));
    schedules().create(draft("utc", Schedules.Times.cron("0 3 * * *", ZoneId.of("UTC"))));

    List<Instant> next = schedules().story("berlin").schedule().next();
    LocalDate first = next.get(0).atZone(BERLIN).toLocalDate();
    assertThat(next)
        .hasSizeGreaterThanOrEqualTo(3)
        .isEqualTo(
            Stream.iterate(first, day -> day.plusDays(1))
                .limit(next.size())
                .map(day -> day.atTime(3, 0).atZone(BERLIN).toInstant())
                .toList());

    // clocks go forward from 2:00 to 3:00 on 31 March 2030, and back from 3:00 to 2:00 on 27
    // October
    assertThat(due("berlin", "2030-03-30", "2030-04-02"))
        .containsExactly("2030-03-30T02:00:00Z", "2030-03-31T01:00:00Z", "2030-04-01T01:00:00Z");
    assertThat(due("berlin", "2030-10-26", "2030-10-29"))
        .containsExactly("2030-10-26T01:00:00Z", "2030-10-27T02:00:00Z", "2030-10-28T02:00:00Z");
    assertThat(due("utc", "2030-03-30", "2030-04-01"))
        .containsExactly("2030-03-30T03:00:00Z", "2030-03-31T03:00:00Z");
  }

  @Test
  void anHourThatTheClocksLeaveOutIsNotFiredAndOneThatComesTwiceIsFiredTheSecondTime() {
    schedules().create(draft("berlin", Schedules.Times.cron("30 2 * * *", BERLIN)));

    assertThat(due("berlin", "2030-03-30", "2030-04-02"))
        .containsExactly("2030-03-30T01:30:00Z", "2030-04-01T00:30:00Z");
    assertThat(due("berlin", "2030-10-26", "2030-10-29"))
        .containsExactly("2030-10-26T00:30:00Z", "2030-10-27T01:30:00Z", "2030-10-28T01:30:00Z");
  }

  @Test
  void jitterMakesEachFiringLateByLessThanIsAllowed() {
    Duration jitter = Duration.ofMinutes(10);
    schedules()
        .create(
            new Schedules.Draft(
                "late",
                "demo",
                draft("late", Schedules.Times.cron("0 3 * * *", BERLIN)).request(),
                Schedules.Times.cron("0 3 * * *", BERLIN),
                new Schedules.Policy(
                    ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP,
                    Duration.ofHours(1),
                    jitter)));

    List<Duration> late =
        schedules().story("late").schedule().next().stream()
            .map(
                next ->
                    Duration.between(
                        next.atZone(BERLIN).toLocalDate().atTime(3, 0).atZone(BERLIN),
                        next.atZone(BERLIN)))
            .toList();
    assertThat(late)
        .hasSizeGreaterThanOrEqualTo(3)
        .allSatisfy(by -> assertThat(by).isBetween(Duration.ZERO, jitter))
        .anySatisfy(by -> assertThat(by).isPositive());
    assertThat(late.stream().distinct()).as("not all alike").hasSizeGreaterThan(1);
  }

  @Test
  void firesNothingWhilePausedAndMakesUpForNothingAfterwards() {
    schedules().create(draft("nightly", Schedules.Times.every(Duration.ofSeconds(2))));
    await().atMost(FIRED_MAX).until(() -> schedules().story("nightly").fired() >= 1);
    schedules().pause("nightly", "holidays");
    await().atMost(FIRED_MAX).until(() -> schedules().story("nightly").schedule().paused());
    Instant paused = Instant.now();
    // what was due before is started by then
    awaitDue(2, paused);
    long fired = schedules().story("nightly").fired();
    awaitDue(5, paused);

    Instant resumed = Instant.now();
    assertThat(schedules().story("nightly").fired()).isEqualTo(fired);
    assertThat(schedules().story("nightly").schedule().paused()).isTrue();
    schedules().resume("nightly");
    await().atMost(FIRED_MAX).until(() -> schedules().story("nightly").fired() > fired);
    assertThat(schedules().story("nightly").firings())
        .extracting(Schedules.Firing::scheduledAt)
        .noneMatch(
            due -> due.isAfter(paused.plusSeconds(1)) && due.isBefore(resumed.minusSeconds(1)));
    assertThat(schedules().story("nightly").missed()).isZero();
  }

  private void awaitDue(int times, Instant since) {
    await()
        .atMost(FIRED_MAX)
        .until(() -> schedules().due("nightly", since, Instant.now()).size() >= times);
  }

  private List<String> due(String name, String from, String to) {
    return schedules()
        .due(name, Instant.parse(from + "T00:00:00Z"), Instant.parse(to + "T00:00:00Z"))
        .stream()
        .map(Instant::toString)
        .toList();
  }

  private ScheduleHandle handle(String name) {
    return ScheduleClient.newInstance(
            temporal.orElseThrow().client().getWorkflowServiceStubs(),
            ScheduleClientOptions.newBuilder().setDataConverter(Payloads.converter()).build())
        .getHandle(name);
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
