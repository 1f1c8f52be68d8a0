package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.model.train.DivergedException;
import io.dinoflow.storage.checkpoint.FencedException;
import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.SegmentResult.End;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Training goes on while a state becomes a checkpoint; what that comes to is heard in time. */
class CommitsBesideTrainingIT extends SegmentTrial {
  /** Commits at 1000; the next one would be due much later. */
  private static final CheckpointPolicy RARELY = new CheckpointPolicy(1000, 0, 0, 0, true);

  @Test
  void trainsOnWhileItCommitsAndCountsNothingBeforeItIsCommitted() throws Exception {
    CountDownLatch trainedOn = new CountDownLatch(1);
    AtomicBoolean inTime = new AtomicBoolean();
    watch.beforeStep = step -> beatAndRelease(step, trainedOn);
    watch.beforeWrite =
        step -> {
          if (step == 4) {
            inTime.set(waited(trainedOn));
            assertThat(committedBeats()).as("told while it is not so").containsOnly(0L);
          }
        };
    assertThat(train(0, 11).step()).isEqualTo(11);
    assertThat(inTime).as("a step was made while the state of step 4 was not written").isTrue();
    assertThat(watch.copied).as("one copy a commit").containsExactly(4L, 6L, 8L, 11L);
    assertThat(digests().keySet()).containsExactly(4L, 6L, 8L, 11L);
  }

  /** Lets a side thread of the heartbeat beat once more before the step that releases. */
  private void beatAndRelease(long step, CountDownLatch latch) {
    if (step == 6) {
      int beats = attempt.beats().size();
      spinUntil(() -> attempt.beats().size() > beats + 1);
      latch.countDown();
    }
  }

  private List<Long> committedBeats() {
    return attempt.beats().stream().map(beat -> ((Progress) beat).lastCommittedStep()).toList();
  }

  @Test
  void givesEqualStatesWhetherItStopsForACommitOrNot() throws Exception {
    train(0, 30);
    Map<Long, Sha256> beside = digests();
    assertThat(watch.copied).hasSameSizeAs(beside.keySet());
    openRun();
    watch.copied.clear();
    run(segment(new CheckpointPolicy(4, 6, 0, 0, false), 0, 30));
    assertThat(watch.copied).as("nothing is copied where training stops").isEmpty();
    assertThat(digests()).isEqualTo(beside);
  }

  @Test
  void failsAtTheNextStepWhenACommitBesideItFails() throws Exception {
    AtomicReference<Thread> side = new AtomicReference<>(Thread.currentThread());
    CountDownLatch begun = new CountDownLatch(1);
    watch.beforeWrite =
        step -> {
          side.set(Thread.currentThread());
          begun.countDown();
          throw new UncheckedIOException(new IOException("No space left on device"));
        };
    watch.beforeStep =
        step -> {
          if (step == 1003) {
            assertThat(waited(begun)).isTrue();
            spinUntil(() -> isIdle(side.get()));
          }
        };
    assertThatThrownBy(() -> run(segment(RARELY, 0, FAR)))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("No space left");
    assertThat(watch.executed.get(watch.executed.size() - 1))
        .as("long before the next commit is due")
        .isBetween(1001L, 1999L);
    assertThat(watch.closed).isEqualTo(1);
    assertThat(bench.workbench().checkpoints().head(track)).isEmpty();
    assertThat(scratchLeft()).isEmpty();
  }

  @Test
  void failsAtTheNextStepWhenACommitBesideItIsRefused() throws Exception {
    AtomicReference<Thread> side = new AtomicReference<>(Thread.currentThread());
    CountDownLatch begun = new CountDownLatch(1);
    watch.beforeWrite =
        step -> {
          bench.workbench().checkpoints().claim(track, "somebody else");
          side.set(Thread.currentThread());
          begun.countDown();
        };
    watch.beforeStep =
        step -> {
          if (step == 1003) {
            assertThat(waited(begun)).isTrue();
            spinUntil(() -> isIdle(side.get()));
          }
        };
    assertThatThrownBy(() -> run(segment(RARELY, 0, FAR))).isInstanceOf(FencedException.class);
    assertThat(watch.executed.get(watch.executed.size() - 1)).isBetween(1001L, 1999L);
    assertThat(bench.workbench().checkpoints().head(track)).isEmpty();
  }

  /** The state of step 4 was sound: going back goes back to it. */
  @Test
  void waitsForTheCommitInFlightWhenTrainingDiverges() throws Exception {
    CountDownLatch diverging = new CountDownLatch(1);
    watch.divergesAt = 6;
    watch.beforeStep =
        step -> {
          if (step == 6) {
            diverging.countDown();
          }
        };
    watch.beforeWrite = step -> assertThat(waited(diverging)).isTrue();
    assertThatThrownBy(() -> train(0, 12)).isInstanceOf(DivergedException.class);
    assertThat(head().step()).isEqualTo(4);
    assertThat(watch.closed).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("polite")
  void waitsForTheCommitInFlightWhenItIsTold(RuntimeException told) throws Exception {
    CountDownLatch toldLatch = new CountDownLatch(1);
    watch.beforeStep =
        step -> {
          answerAt(1001, step, told);
          if (step == 1001) {
            toldLatch.countDown();
          }
        };
    watch.beforeWrite = step -> assertThat(waited(toldLatch)).isTrue();
    SegmentResult result = run(segment(RARELY, 0, FAR));
    assertThat(result.end()).isEqualTo(End.EARLY);
    assertThat(digests().keySet()).contains(1000L, result.step());
    assertThat(result.checkpoints()).containsExactly(head());
    assertThat(head().step()).isEqualTo(result.step());
  }

  private static boolean waited(CountDownLatch latch) {
    try {
      return latch.await(3, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether a thread of a pool has ended its work and waits for more. */
  private static boolean isIdle(Thread pooled) {
    return Stream.of(pooled.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("getTask"));
  }

  private static void spinUntil(BooleanSupplier condition) {
    long deadline = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("three minutes are enough").isLessThan(deadline);
      Thread.onSpinWait();
    }
  }
}
