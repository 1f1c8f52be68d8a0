package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.activity.support.Heartbeat.Stop;
import io.dinoflow.activity.testing.Attempt;
import io.dinoflow.workflow.activity.Progress;
import io.temporal.api.enums.v1.TimeoutType;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.ActivityNotExistsException;
import io.temporal.client.ActivityWorkerShutdownException;
import io.temporal.failure.TimeoutFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeartbeatTest {
  private static final Duration STALL = Duration.ofMinutes(5);

  /** So long that only the test's own beats count. */
  private static final HeartbeatPolicy BY_HAND = new HeartbeatPolicy(Duration.ofDays(1), STALL);

  private static final Progress FIRST = Progress.ofPhase("pretrain", "restoring", "");

  private final Attempt attempt = new Attempt();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicInteger halts = new AtomicInteger();
  private final Heartbeat heartbeat =
      Heartbeat.start(attempt, BY_HAND, FIRST, nanos::get, halts::incrementAndGet);

  @AfterEach
  void close() {
    heartbeat.close();
  }

  @Test
  void beatsOnceBeforeAnythingElseAndThenTheNewestProgress() {
    assertThat(attempt.beats()).containsExactly(FIRST);
    Progress now = Progress.ofImages("curate", "reading", 3, 9);
    heartbeat.advance(Progress.ofImages("curate", "reading", 2, 9));
    heartbeat.advance(now);
    heartbeat.beat();
    assertThat(attempt.beats()).containsExactly(FIRST, now);
    assertThat(heartbeat.stopRequested()).isEmpty();
    assertThatCode(heartbeat::throwIfStopped).doesNotThrowAnyException();
  }

  @Test
  void beatsByItselfFromASideThread() {
    try (Heartbeat own =
        Heartbeat.start(attempt, new HeartbeatPolicy(Duration.ofMillis(5), STALL), FIRST)) {
      Awaitility.await().atMost(Duration.ofMinutes(2)).until(() -> attempt.beats().size() >= 5);
      assertThat(own.stopRequested()).isEmpty();
    }
  }

  @Test
  void tellsAnAttemptThatIsOverAlreadyBeforeItTakesAnything() {
    attempt.answer(new ActivityNotExistsException(new IllegalStateException("replaced")));
    assertThatThrownBy(() -> Heartbeat.start(attempt, BY_HAND, FIRST))
        .isInstanceOf(ActivityNotExistsException.class);
  }

  @Test
  void saysWhyToStop() {
    assertThat(stopAfter(new ActivityCanceledException())).isEqualTo(Stop.CANCELLED);
    assertThatThrownBy(heartbeat::throwIfStopped).isInstanceOf(ActivityCanceledException.class);
  }

  @Test
  void saysThatTheWorkerShutsDown() {
    assertThat(stopAfter(new ActivityWorkerShutdownException())).isEqualTo(Stop.SHUTDOWN);
    assertThatThrownBy(heartbeat::throwIfStopped)
        .isInstanceOf(ActivityWorkerShutdownException.class);
  }

  @Test
  void takesAReplacedAttemptForLost() {
    assertThat(stopAfter(new ActivityNotExistsException(new IllegalStateException())))
        .isEqualTo(Stop.LOST);
  }

  @Test
  void takesAServerThatDidNotAnswerForTooLongForLost() {
    TimeoutFailure timeout =
        new TimeoutFailure("no beat arrived", "", TimeoutType.TIMEOUT_TYPE_HEARTBEAT);
    assertThat(stopAfter(new ActivityCanceledException(attempt.getInfo(), timeout)))
        .isEqualTo(Stop.LOST);
  }

  @Test
  void letsNothingButLostReplaceTheFirstReason() {
    assertThat(stopAfter(new ActivityWorkerShutdownException())).isEqualTo(Stop.SHUTDOWN);
    assertThat(stopAfter(new ActivityCanceledException())).isEqualTo(Stop.SHUTDOWN);
    assertThat(stopAfter(new ActivityNotExistsException(new IllegalStateException())))
        .isEqualTo(Stop.LOST);
    assertThat(stopAfter(new ActivityCanceledException())).isEqualTo(Stop.LOST);
    assertThatThrownBy(heartbeat::throwIfStopped).isInstanceOf(ActivityNotExistsException.class);
  }

  @Test
  void outlivesBeatsThatDoNotArrive() {
    attempt.answer(new IllegalStateException("UNAVAILABLE"));
    heartbeat.beat();
    assertThat(heartbeat.stopRequested()).isEmpty();
  }

  @Test
  void ceasesToBeatWhenTheWorkStandsStillAndBeginsAgainWhenItMoves() {
    nanos.addAndGet(STALL.toNanos());
    heartbeat.beat();
    assertThat(attempt.beats()).as("at the limit").hasSize(2);
    nanos.addAndGet(1);
    heartbeat.beat();
    heartbeat.beat();
    assertThat(attempt.beats()).as("beyond it").hasSize(2);
    assertThat(heartbeat.stopRequested()).isEmpty();
    heartbeat.advance(FIRST);
    heartbeat.beat();
    assertThat(attempt.beats()).hasSize(3);
  }

  @Test
  void endsTheProcessWhenTheStuckWorkHoldsItsSlot() {
    nanos.addAndGet(STALL.toNanos() + 1);
    heartbeat.beat();
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    heartbeat.beat();
    assertThat(halts).as("it has a last chance").hasValue(0);
    nanos.addAndGet(1);
    heartbeat.beat();
    assertThat(halts).hasValue(1);
  }

  @Test
  void aSlowStepIsToldAndBeatsOn() {
    for (int step = 1; step <= 3; step++) {
      nanos.addAndGet(Duration.ofSeconds(4).toNanos());
      heartbeat.advance(training(step));
    }
    nanos.addAndGet(Duration.ofSeconds(40).toNanos());
    heartbeat.beat();
    assertThat(attempt.beats())
        .last()
        .isEqualTo(
            training(3)
                .withNote("slow: 40 s without progress, the slowest step so far took 4.0 s"));
  }

  @Test
  void stepsThatAlwaysTakeLongAreNotStalled() {
    heartbeat.advance(training(1));
    nanos.addAndGet(Duration.ofMinutes(4).toNanos());
    heartbeat.advance(training(2));
    nanos.addAndGet(Duration.ofMinutes(20).toNanos());
    heartbeat.beat();
    assertThat(attempt.beats()).hasSize(2);
    nanos.addAndGet(Duration.ofMinutes(21).toNanos());
    heartbeat.beat();
    assertThat(attempt.beats()).as("ten times the slowest is too long").hasSize(2);
  }

  private static Progress training(long step) {
    return new Progress("pretrain", "training", step, 9, "steps", Optional.empty(), 1, 0, 0, "");
  }

  private Stop stopAfter(RuntimeException answer) {
    attempt.answer(answer);
    heartbeat.beat();
    return heartbeat.stopRequested().orElseThrow();
  }
}
