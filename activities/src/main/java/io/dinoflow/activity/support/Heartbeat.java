package io.dinoflow.activity.support;

import io.dinoflow.workflow.activity.Progress;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.ActivityNotExistsException;
import io.temporal.client.ActivityWorkerShutdownException;
import io.temporal.failure.TimeoutFailure;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Beats from a side thread while the work advances, and says when to stop.
 *
 * <p>From a side thread, because a beat waits for the server, ten seconds where the link is a black
 * hole; the work only publishes its progress. Beats cease when the work stalls, see {@link Pace},
 * so that a lock-up in native code is found; the process then ends, since the stuck thread holds
 * the worker's slot. One activity owns it and closes it.
 */
public final class Heartbeat implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

  /** Time for stalled work to move again before the process ends. */
  private static final Duration LAST_CHANCE = Duration.ofMinutes(1);

  private static final long NEVER = Long.MIN_VALUE;

  /** Exit code of a process that ends because of a stuck thread. */
  static final int STUCK = 70;

  /** Why the work should end at its next safe point. */
  public enum Stop {
    /** The workflow cancelled it: commit, then end. */
    CANCELLED,
    /** The worker shuts down: commit, then end. */
    SHUTDOWN,
    /** Another attempt may run already: commit nothing. */
    LOST
  }

  private final ActivityExecutionContext context;
  private final ScheduledExecutorService beats;
  private final LongSupplier nanos;
  private final Pace pace;
  private final Runnable lastResort;
  private volatile Progress progress;
  private volatile long advancedNanos;
  private volatile long stalledNanos = NEVER;
  private volatile @Nullable Stop stop;
  private volatile @Nullable ActivityCompletionException notice;

  private Heartbeat(
      ActivityExecutionContext context,
      HeartbeatPolicy policy,
      Progress first,
      LongSupplier nanos,
      Runnable lastResort) {
    this.context = context;
    this.progress = first;
    this.nanos = nanos;
    this.pace = new Pace(policy.stallLimit());
    this.lastResort = lastResort;
    this.advancedNanos = nanos.getAsLong();
    this.beats =
        Executors.newSingleThreadScheduledExecutor(
            task -> {
              Thread thread = new Thread(task, "heartbeat");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Starts beating, the first time on the caller's thread: an attempt that was replaced long ago
   * finds out before it takes anything.
   *
   * @throws ActivityCompletionException this attempt is over already
   */
  public static Heartbeat start(
      ActivityExecutionContext context, HeartbeatPolicy policy, Progress first) {
    return start(context, policy, first, System::nanoTime, () -> Runtime.getRuntime().halt(STUCK));
  }

  static Heartbeat start(
      ActivityExecutionContext context,
      HeartbeatPolicy policy,
      Progress first,
      LongSupplier nanos,
      Runnable lastResort) {
    Heartbeat heartbeat = new Heartbeat(context, policy, first, nanos, lastResort);
    context.heartbeat(first);
    long millis = policy.interval().toMillis();
    heartbeat.beats.scheduleWithFixedDelay(
        LogContext.carried(heartbeat::beat), millis, millis, TimeUnit.MILLISECONDS);
    return heartbeat;
  }

  /** Publishes how far the work is; cheap enough for every step. */
  public void advance(Progress now) {
    long time = nanos.getAsLong();
    if (now.phase().equals(progress.phase())) {
      pace.took(now.phase(), time - advancedNanos);
    }
    progress = now;
    advancedNanos = time;
    stalledNanos = NEVER;
  }

  /** Whether and why to stop at the next safe point. */
  public Optional<Stop> stopRequested() {
    return Optional.ofNullable(stop);
  }

  /**
   * For work without a safe point of its own, such as curation, which is done again from its start.
   *
   * @throws ActivityCompletionException the activity should end
   */
  public void throwIfStopped() {
    ActivityCompletionException now = notice;
    if (now != null) {
      throw now;
    }
  }

  /** One beat, on the side thread. */
  void beat() {
    Progress now = progress;
    long time = nanos.getAsLong();
    long still = time - advancedNanos;
    Pace.Standing standing = pace.of(now.phase(), still);
    if (standing == Pace.Standing.STALLED) {
      stalled(now, time, still);
      return;
    }
    if (standing == Pace.Standing.SLOW) {
      now = now.withNote(slow(now, still));
    }
    try {
      context.heartbeat(now);
    } catch (ActivityWorkerShutdownException shutdown) {
      stop(Stop.SHUTDOWN, shutdown);
    } catch (ActivityNotExistsException replaced) {
      stop(Stop.LOST, replaced);
    } catch (ActivityCanceledException cancelled) {
      stop(cancelled.getCause() instanceof TimeoutFailure ? Stop.LOST : Stop.CANCELLED, cancelled);
    } catch (ActivityCompletionException other) {
      stop(Stop.CANCELLED, other);
    } catch (RuntimeException unreachable) {
      LOG.warn("a heartbeat did not arrive: {}", unreachable.toString());
    }
  }

  private String slow(Progress now, long still) {
    return "slow: %d s without progress, the slowest step so far took %.1f s"
        .formatted(
            TimeUnit.NANOSECONDS.toSeconds(still), pace.slowest(now.phase()).toMillis() / 1e3);
  }

  private void stalled(Progress now, long time, long still) {
    if (stalledNanos == NEVER) {
      stalledNanos = time;
      LOG.error(
          "no progress for {} s in phase {}: beating no more, so that another attempt begins",
          TimeUnit.NANOSECONDS.toSeconds(still),
          now.phase());
    } else if (time - stalledNanos > LAST_CHANCE.toNanos()) {
      LOG.error("still no progress in phase {}: this process ends, to free its slot", now.phase());
      lastResort.run();
    }
  }

  private void stop(Stop why, ActivityCompletionException told) {
    if (stop == null || (why == Stop.LOST && stop != Stop.LOST)) {
      LOG.info("told to stop: {}", why);
      notice = told;
      stop = why;
    }
  }

  @Override
  public void close() {
    beats.shutdownNow();
  }
}
