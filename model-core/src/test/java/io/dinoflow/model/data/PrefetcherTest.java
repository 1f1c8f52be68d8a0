package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class PrefetcherTest {
  private static final Duration BUSY = Duration.ofMillis(20);

  @Test
  void countsTheCpuTimeOfItsThreads() {
    try (Prefetcher<Long> batches = Prefetcher.from(() -> PrefetcherTest::busy, 5, 2)) {
      assertThat(batches.next()).isEqualTo(5);
      assertThat(batches.next()).isEqualTo(6);
      assertThat(batches.cpuTime()).isGreaterThanOrEqualTo(BUSY.multipliedBy(2));
    }
  }

  @Test
  void timeThatABatchWaitsForSomethingElseIsNoCpuTime() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    BatchAssembler<Long> waiting =
        () ->
            step -> {
              await(release);
              return step;
            };
    try (Prefetcher<Long> batches = Prefetcher.from(waiting, 0, 1)) {
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      busy(0);
      long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      release.countDown();
      assertThat(batches.next()).isZero();
      assertThat(batches.cpuTime()).isLessThan(Duration.ofNanos(spent));
    }
  }

  @Test
  void aShardThatCannotBeHadFailsTheStepThatNeedsIt() {
    BatchAssembler<Long> failing =
        () ->
            step -> {
              if (step == 2) {
                throw new IOException("503 Slow Down");
              }
              return step;
            };
    try (Prefetcher<Long> batches = Prefetcher.from(failing, 0, 4)) {
      assertThat(batches.next()).isZero();
      assertThat(batches.next()).isOne();
      assertThatThrownBy(batches::next)
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining("503 Slow Down");
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Computes until its thread has spent the time. */
  private static long busy(long step) {
    long until = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() + BUSY.toNanos();
    while (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() < until) {
      Thread.onSpinWait();
    }
    return step;
  }
}
