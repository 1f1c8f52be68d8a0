package io.dinoflow.ops.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.run.RunSnapshot;
import io.dinoflow.workflow.api.PipelineProgress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AskedRunsTest {
  private static final RunId RUN = new RunId("r");

  @Test
  void showsTheLastAnswerWhereNobodyAnswersAny() {
    AtomicInteger asked = new AtomicInteger();
    try (AskedRuns runs =
        new AskedRuns(
            run -> {
              if (asked.incrementAndGet() > 1) {
                throw new IllegalStateException("no worker");
              }
              return snapshot(run);
            },
            Duration.ofSeconds(30))) {
      assertThat(runs.snapshot(RUN)).isPresent();
      assertThat(runs.snapshot(RUN)).isPresent();
      assertThat(runs.snapshot(new RunId("other"))).isEmpty();
      assertThat(asked).hasValue(3);
    }
  }

  @Test
  void asksOnceWhileAnAnswerIsUnderWay() {
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    try (AskedRuns runs =
        new AskedRuns(
            run -> {
              asked.incrementAndGet();
              awaitUninterrupted(answer);
              return snapshot(run);
            },
            Duration.ofMillis(1))) {
      assertThat(runs.snapshot(RUN)).isEmpty();
      assertThat(runs.snapshot(RUN)).isEmpty();
      assertThat(asked.get()).isLessThanOrEqualTo(1);
      answer.countDown();
      await().atMost(Duration.ofMinutes(2)).until(() -> runs.snapshot(RUN).isPresent());
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static RunSnapshot snapshot(RunId run) {
    return new RunSnapshot(
        new PipelineProgress(run.value(), "demo", "running", "", List.of()), Map.of());
  }
}
