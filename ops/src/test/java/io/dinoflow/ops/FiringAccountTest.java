package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.storage.registry.Firing;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FiringAccountTest {
  private static final Instant NOON = Instant.parse("2030-05-01T12:00:00Z");

  @Test
  void givesTheRecordedDecisionOfARetrainingFiring() {
    List<Schedules.Firing> rows =
        FiringAccount.of(
            List.of(told(0, 1, 50, "done", "trained")),
            List.of(recorded(0, Firing.Outcome.PROMOTED, "version 2 is champion", 2)),
            List.of(NOON),
            NOON.plusSeconds(60));

    assertThat(rows).hasSize(1);
    assertThat(rows.get(0).state()).isEqualTo("promoted");
    assertThat(rows.get(0).reason()).isEqualTo("version 2 is champion");
    assertThat(rows.get(0).run()).contains(run(0));
  }

  @Test
  void tellsFiringsThatWereSkippedForOverlapFromThoseThatWereMissed() {
    List<Schedules.Firing> rows =
        FiringAccount.of(
            List.of(told(0, 1, 130, "done", "trained"), told(240, 241, 250, "no run", "old")),
            List.of(),
            List.of(
                NOON,
                NOON.plusSeconds(60),
                NOON.plusSeconds(120),
                NOON.plusSeconds(180),
                NOON.plusSeconds(240)),
            NOON.plusSeconds(400));

    assertThat(rows)
        .extracting(Schedules.Firing::state)
        .containsExactly("no run", "missed", "overlap", "overlap", "done");
    assertThat(rows.get(2).reason())
        .isEqualTo("skipped, because the firing of 2030-05-01T12:00:00Z still went on");
    assertThat(rows.get(1).reason()).contains("Temporal was down for longer");
  }

  @Test
  void firingsThatWereMadeUpWithAnotherOneOverlapWithIt() {
    List<Schedules.Firing> rows =
        FiringAccount.of(
            List.of(told(60, 205, 230, "done", "trained")),
            List.of(),
            List.of(NOON, NOON.plusSeconds(60), NOON.plusSeconds(120), NOON.plusSeconds(180)),
            NOON.plusSeconds(235));

    assertThat(rows)
        .extracting(Schedules.Firing::state)
        .containsExactly("overlap", "overlap", "done", "missed");
    assertThat(rows.get(0).reason())
        .isEqualTo("skipped, because the firing of 2030-05-01T12:01:00Z still went on");
  }

  @Test
  void saysWhatBeganLateAndWhy() {
    List<Schedules.Firing> rows =
        FiringAccount.of(
            List.of(
                told(0, 45, 50, "no run", "nothing new"),
                told(60, 61, 200, "done", "trained"),
                told(120, 201, 210, "no run", "nothing new"),
                running(240, 241)),
            List.of(recorded(60, Firing.Outcome.REFUSED, "worse", 95)),
            List.of(),
            NOON.plusSeconds(300));

    assertThat(rows)
        .extracting(Schedules.Firing::reason)
        .containsExactly(
            "waited 59 s for a worker; it is being decided",
            "waited 81 s for the firing before it; nothing new",
            "waited 34 s for a worker; worse",
            "made up 45 s late, after an outage or by a backfill; nothing new");
  }

  @Test
  void goesFurtherBackThanTemporalAndTrustsItWhereAFiringWasEndedFromOutside() {
    List<Schedules.Firing> rows =
        FiringAccount.of(
            List.of(told(600, 601, 700, "failed", "it was terminated from outside")),
            List.of(
                recorded(600, Firing.Outcome.TRAINING, "10 are new", 602),
                recorded(0, Firing.Outcome.SKIPPED, "nothing new", 1)),
            List.of(),
            NOON.plusSeconds(800));

    assertThat(rows).extracting(Schedules.Firing::state).containsExactly("failed", "skipped");
    assertThat(rows.get(1).run()).isEmpty();
  }

  private static Schedules.Firing told(
      long due, long started, long closed, String state, String reason) {
    return new Schedules.Firing(
        NOON.plusSeconds(due),
        "retrain/" + due,
        state,
        Optional.of(run(due)),
        reason,
        NOON.plusSeconds(started),
        Optional.of(NOON.plusSeconds(closed)));
  }

  private static Schedules.Firing running(long due, long started) {
    return new Schedules.Firing(
        NOON.plusSeconds(due),
        "retrain/" + due,
        "running",
        Optional.of(run(due)),
        "it is being decided",
        NOON.plusSeconds(started),
        Optional.empty());
  }

  private static Firing recorded(long due, Firing.Outcome outcome, String reason, long begun) {
    return new Firing(
        "retrain/" + due,
        "nightly",
        NOON.plusSeconds(due),
        run(due),
        outcome,
        reason,
        Optional.empty(),
        Map.of(),
        Optional.of(NOON.plusSeconds(begun)));
  }

  private static RunId run(long due) {
    return new RunId("nightly-" + due);
  }
}
