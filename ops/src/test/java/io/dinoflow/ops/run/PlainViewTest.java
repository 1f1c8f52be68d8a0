package io.dinoflow.ops.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.api.PipelineProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PlainViewTest {
  private final List<String> lines = new ArrayList<>();
  private final AtomicLong nanos = new AtomicLong();
  private final PlainView view = new PlainView(lines::add, nanos::get);

  @Test
  void saysAChangeOfStateAtOnceAndProgressEveryTenSeconds() {
    view.show(snapshot("waiting", 0, 1));
    view.show(snapshot("running", 100, 1));
    seconds(5);
    view.show(snapshot("running", 150, 1));
    seconds(5);
    view.show(snapshot("running", 200, 1));
    view.show(snapshot("done", 300, 1));

    assertThat(lines)
        .containsExactly(
            " running   pretrain     300 steps",
            " running   pretrain     training 100/300 steps  84 img/s  loss 4.910",
            " running   pretrain     training 200/300 steps  84 img/s  loss 4.910  eta 0:10",
            " done      pretrain     300 steps");
  }

  @Test
  void showsARetryWithItsReason() {
    view.show(snapshot("running", 10, 3));

    assertThat(lines).last().asString().endsWith("(attempt 3, S3 timed out)");
  }

  @Test
  void saysANoteOnceUntilTheRunIsSeenAgain() {
    view.note("Temporal does not answer");
    view.note("Temporal does not answer");
    view.show(snapshot("waiting", 0, 1));
    view.note("Temporal does not answer");

    assertThat(lines).hasSize(2);
  }

  private void seconds(long seconds) {
    nanos.addAndGet(TimeUnit.SECONDS.toNanos(seconds));
  }

  private static RunSnapshot snapshot(String state, long step, int attempt) {
    PipelineProgress.Stage stage =
        new PipelineProgress.Stage(
            "pretrain", "TRAIN", state, "r/pretrain", 0, 300, Optional.empty());
    Progress progress =
        new Progress("pretrain", "training", step, 300, "steps", Optional.of(4.91), 84, 0, 0, "");
    Map<String, List<RunSnapshot.Live>> live =
        state.equals("running")
            ? Map.of(
                "pretrain",
                List.of(
                    new RunSnapshot.Live(
                        "r/pretrain",
                        Optional.of(progress),
                        attempt,
                        attempt > 1 ? "S3 timed out" : "")))
            : Map.of();
    return new RunSnapshot(new PipelineProgress("r", "demo", "running", "", List.of(stage)), live);
  }
}
