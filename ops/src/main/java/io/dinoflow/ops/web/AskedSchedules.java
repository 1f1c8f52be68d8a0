package io.dinoflow.ops.web;

import io.dinoflow.ops.ScheduleFailure;
import io.dinoflow.ops.Schedules;
import io.dinoflow.storage.registry.Firing;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Temporal, and waits no longer than a reader of the page would: where it is down, its client
 * tries for ten seconds. A question that nobody waits for any more is given up, and no more than a
 * few are under way, so that a page that is loaded over and over costs no thread.
 */
final class AskedSchedules implements LiveSchedules, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AskedSchedules.class);
  private static final int WAITING_MAX = 8;
  private static final int FIRINGS_MAX = 30;

  private final Supplier<Schedules> schedules;
  private final Duration patience;
  private final ThreadPoolExecutor threads;

  /**
   * @param schedules connects when it is first asked
   */
  AskedSchedules(Supplier<Schedules> schedules, Duration patience) {
    this.schedules = schedules;
    this.patience = patience;
    this.threads = Questions.threads("page-schedules", WAITING_MAX);
  }

  @Override
  public List<Schedules.Summary> list() {
    return answer(() -> schedules.get().list()).orElse(List.of());
  }

  @Override
  public Optional<Schedules.Story> story(String name, List<Firing> recorded, Instant now) {
    return answer(() -> schedules.get().explained(name, recorded, FIRINGS_MAX, now));
  }

  private <T> Optional<T> answer(Supplier<T> question) {
    Future<T> asked;
    try {
      asked = threads.submit(question::get);
    } catch (RejectedExecutionException e) {
      throw new NoAnswerException("Temporal has not answered the questions before this one", e);
    }
    try {
      return Optional.of(asked.get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (ExecutionException e) {
      return failed(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException e) {
      asked.cancel(true);
      throw new NoAnswerException("Temporal does not answer", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new NoAnswerException("the page is being stopped", e);
    }
  }

  private static <T> Optional<T> failed(Throwable failure) {
    if (failure instanceof ScheduleFailure refused) {
      return switch (refused.kind()) {
        case UNKNOWN, EXISTS, REFUSED -> Optional.empty();
        case UNSUPPORTED ->
            throw new NoAnswerException(
                "this Temporal runs in memory and has no schedules", failure);
      };
    }
    LOG.debug("Temporal does not tell its schedules", failure);
    throw new NoAnswerException("Temporal does not answer", failure);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
