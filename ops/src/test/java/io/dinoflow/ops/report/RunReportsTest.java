package io.dinoflow.ops.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.UnknownIdException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunReportsTest {
  @Test
  void joinsAStageWithTheOneItContinues() throws IOException {
    RunReport report = DemoRun.report(DemoRun.done());

    assertThat(report.chapters().stream().map(RunReport.Chapter::title))
        .containsExactly("pretrain, gram", "highres", "distill/vit", "distill/convnext", "align");
  }

  @Test
  void findsWhereTheGramTeacherChanged() throws IOException {
    RunReport report = DemoRun.report(DemoRun.done());

    assertThat(refreshes(report, "gram")).containsExactly("600 pretrain@600", "630 gram@630");
    assertThat(refreshes(report, "highres")).containsExactly("0 gram@690");
    assertThat(refreshes(report, "pretrain")).isEmpty();
  }

  @Test
  void drawsTheLineageOfWhatNothingElseWasMadeFrom() throws IOException {
    RunReport report = DemoRun.report(DemoRun.done());

    assertThat(report.lineage().stream().map(tree -> tree.lines().get(0).name()))
        .containsExactly(
            DemoRun.ID + "/distill/vit@100",
            DemoRun.ID + "/distill/convnext@100",
            DemoRun.ID + "/align@250");
    assertThat(report.lineage().get(0).lines().stream().map(RunReportsTest::words))
        .containsExactly(
            "0  distill/vit@100 (1 earlier checkpoint)",
            "1 distilled from highres@40 (1 earlier checkpoint)",
            "2 initialised from gram@690 (2 earlier checkpoints)",
            "3 initialised from pretrain@600 (3 earlier checkpoints)",
            "4 dataset emoji-curate ()",
            "5 dataset emoji ()",
            "3 gram teacher pretrain@600 (see above)",
            "3 gram teacher gram@630 (see above)",
            "3 dataset emoji-curate (see above)",
            "2 gram teacher gram@690 (see above)",
            "2 dataset emoji-curate (see above)",
            "1 dataset emoji-curate (see above)");
  }

  @Test
  void listsStagesThatNeverBegan() throws IOException {
    RunReport report = DemoRun.report(DemoRun.failed());

    assertThat(report.stages().stream().map(RunReport.Stage::state))
        .containsExactly(
            RunState.DONE,
            RunState.DONE,
            RunState.FAILED,
            RunState.WAITING,
            RunState.WAITING,
            RunState.WAITING,
            RunState.WAITING);
    assertThat(report.stages().get(6).kind()).isEqualTo("evaluate");
  }

  @Test
  void countsOnlyTheTimeInWhichTheRunRan() {
    RunId run = DemoRun.ID;
    Instant begun = DemoRun.BEGUN;
    List<Event> events =
        List.of(
            new Event(run, "", begun, "opened", ""),
            new Event(run, "pretrain", begun.plusSeconds(5), "paused", "of a stage: not counted"),
            new Event(run, "", begun.plusSeconds(60), "paused", ""),
            new Event(run, "", begun.plusSeconds(500), "running", ""),
            new Event(run, "", begun.plusSeconds(510), "failed", ""),
            new Event(run, "", begun.plusSeconds(900), "running", ""));

    assertThat(RunClock.active(events, begun.plusSeconds(920))).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void refusesARunThatWasNeverOpened() {
    assertThatThrownBy(
            () -> new RunReports(new FakeFacts(), DemoRun.CLOCK).of(new RunId("no-such-run")))
        .isInstanceOf(UnknownIdException.class)
        .hasMessageContaining("no-such-run");
  }

  private static List<String> refreshes(RunReport report, String stage) {
    return report.stages().stream()
        .filter(s -> s.name().equals(stage))
        .flatMap(s -> s.tracks().stream())
        .flatMap(track -> track.refreshes().stream())
        .map(r -> r.step() + " " + r.teacherName().substring(DemoRun.ID.value().length() + 1))
        .toList();
  }

  private static String words(LineageTree.Line line) {
    return "%d %s %s (%s)"
        .formatted(
            line.depth(), line.relation(), line.name().replace(DemoRun.ID + "/", ""), line.note());
  }
}
