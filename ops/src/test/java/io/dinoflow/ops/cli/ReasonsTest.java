package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Schedules;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReasonsTest {
  private static final Schedules.Summary NIGHTLY =
      new Schedules.Summary(
          "nightly",
          "demo",
          "cron \"0 3 * * *\" UTC",
          false,
          "",
          List.of(Rows.NOON.plusSeconds(7200)));

  @Test
  void saysWhatAScheduleDecidedAndWhatComesNext() {
    Schedules.Story story =
        new Schedules.Story(
            NIGHTLY,
            12,
            2,
            1,
            List.of(
                firing("2030-05-01T03:00:00Z", "no run", "", "dataset birds is still at 1a2b3c4d"),
                firing("2030-04-30T03:00:00Z", "done", "nightly-x", "dataset birds has 1a2b3c4d")));

    assertThat(ScheduleReasons.lines(story, Rows.NOON))
        .containsExactly(
            "schedule nightly   recipe demo   cron \"0 3 * * *\" UTC   active",
            "next  2030-05-01T14:00:00Z (in 2 h)",
            "fired 12 times",
            "2 more were skipped, because the run before still went on",
            "1 more were missed, because Temporal was down for longer than the catch-up window",
            "",
            " FIRED                 STATE   RUN        DECISION",
            " 2030-05-01T03:00:00Z  no run  -          dataset birds is still at 1a2b3c4d",
            " 2030-04-30T03:00:00Z  done    nightly-x  dataset birds has 1a2b3c4d");
    assertThat(ScheduleReasons.json(story))
        .containsEntry("skippedForOverlap", 2L)
        .containsEntry("missedCatchUp", 1L);
  }

  @Test
  void saysWhyAScheduleDoesNothing() {
    Schedules.Summary paused =
        new Schedules.Summary("nightly", "demo", "every PT6H", true, "holidays", List.of());

    assertThat(ScheduleReasons.lines(new Schedules.Story(paused, 0, 0, 0, List.of()), Rows.NOON))
        .contains("  why: holidays", "  do:  `dinoflow schedule resume nightly`");
  }

  @Test
  void saysWhyARunFailedAndWhatToDo() {
    RunReasons reasons =
        new RunReasons(
            Rows.run(RunState.FAILED, "stage gram failed: loss is not finite"),
            List.of(
                reused("pretrain", "demo-0"),
                Rows.stage("gram", RunState.FAILED, "loss is not finite", "{}")),
            List.of(new Event(Rows.RUN, "gram", Rows.NOON, "failed", "loss is not finite")),
            Optional.empty());

    assertThat(reasons.lines(Rows.NOON))
        .containsExactly(
            "run tiny-1 is failed, since 1 min ago",
            "  why: stage gram failed: loss is not finite",
            "  do:  remove the cause, then `dinoflow run --attach tiny-1` goes on from its last"
                + " checkpoint",
            "",
            " STAGE     STATE   WHY",
            " pretrain  done    not run again: recipe, inputs and machine are those of"
                + " demo-0/pretrain",
            " gram      failed  loss is not finite",
            "",
            " AT                    STAGE  EVENT",
            " 2030-05-01T12:00:00Z  gram   failed  loss is not finite");
  }

  @Test
  void namesTheScheduleThatStartedARun() {
    RunRow row = Rows.run(RunState.RUNNING, "");
    RunRow scheduled =
        new RunRow(
            new RunId("nightly-20300501T030000Z"),
            row.recipeName(),
            row.recipeDigest(),
            row.recipeJson(),
            row.state(),
            "",
            row.createdAt(),
            row.updatedAt(),
            Optional.empty());

    RunReasons reasons = new RunReasons(scheduled, List.of(), List.of(), Optional.empty());

    assertThat(reasons.lines(Rows.NOON)).anyMatch(line -> line.contains("`dinoflow why nightly`"));
    assertThat(reasons.json()).containsEntry("schedule", Optional.of("nightly"));
  }

  @Test
  void readsSpansOfTime() {
    assertThat(Spans.parse("1h30m")).contains(Duration.ofMinutes(90));
    assertThat(Spans.parse("2d")).contains(Duration.ofDays(2));
    assertThat(Spans.parse("0s")).isEmpty();
    assertThat(Spans.parse("soon")).isEmpty();
    assertThat(Spans.parse("5 m")).isEmpty();
  }

  @Test
  void refusesTimesAndNamesThatCannotWork() {
    assertThatThrownBy(() -> times("", "often", "")).isInstanceOf(CliFailure.class);
    assertThatThrownBy(() -> times("", "1h", "UTC")).hasMessageContaining("--time-zone");
    assertThatThrownBy(() -> times("0 3 * * *", "", "Mars/Olympus"))
        .isInstanceOfSatisfying(
            CliFailure.class, e -> assertThat(e.code()).isEqualTo(ExitCode.USAGE));
    assertThatThrownBy(() -> ScheduleCommands.name("a/b")).isInstanceOf(CliFailure.class);
    assertThat(times("", "90m", "").words()).isEqualTo("every 1h30m");
    assertThat(times("0 3 * * *", "", "Europe/Berlin").words())
        .isEqualTo("cron \"0 3 * * *\" Europe/Berlin");
  }

  private static Schedules.Times times(String cron, String every, String zone) {
    return ScheduleCommands.times(given(cron), given(every), given(zone));
  }

  private static Optional<String> given(String text) {
    return Optional.of(text).filter(t -> !t.isEmpty());
  }

  private static Schedules.Firing firing(String at, String state, String run, String reason) {
    return new Schedules.Firing(
        Instant.parse(at),
        "retrain/nightly-" + at,
        state,
        given(run).map(RunId::new),
        reason,
        Instant.parse(at),
        Optional.of(Instant.parse(at)));
  }

  private static StageRow reused(String name, String from) {
    StageRow row = Rows.stage(name, RunState.DONE, "", "{}");
    return new StageRow(
        row.run(),
        name,
        0,
        row.kind(),
        row.state(),
        "",
        Optional.of(Sha256.ofText("key")),
        row.resultJson(),
        List.of(),
        Optional.of(new RunId(from)),
        row.startedAt(),
        row.finishedAt());
  }
}
