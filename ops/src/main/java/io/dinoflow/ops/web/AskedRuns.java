package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.run.RunSnapshot;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks Temporal, and waits for the answer no longer than a reader of the page would: a query of a
 * run whose worker is busy or gone may hang for seconds. Then the last answer is shown. One
 * question a run is under way at a time, whoever looks.
 */
public final class AskedRuns implements LiveRuns, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AskedRuns.class);
  private static final int REMEMBERED_MAX = 64;

  private final Function<RunId, RunSnapshot> ask;
  private final Duration patience;
  private final Map<RunId, RunSnapshot> last =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<RunId, RunSnapshot> eldest) {
          return size() > REMEMBERED_MAX;
        }
      };
  private final Map<RunId, CompletableFuture<RunSnapshot>> underWay = new LinkedHashMap<>();
  private final ThreadPoolExecutor threads;

  /**
   * @param ask may take long and may throw
   */
  public AskedRuns(Function<RunId, RunSnapshot> ask, Duration patience) {
    this.ask = ask;
    this.patience = patience;
    this.threads = Questions.threads("page-live", REMEMBERED_MAX);
  }

  @Override
  public Optional<RunSnapshot> snapshot(RunId run) {
    try {
      return Optional.of(question(run).get(patience.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException | ExecutionException | RejectedExecutionException e) {
      LOG.debug("run {} does not say how it stands: {}", run, e.toString());
      return remembered(run);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return remembered(run);
    }
  }

  private synchronized Optional<RunSnapshot> remembered(RunId run) {
    return Optional.ofNullable(last.get(run));
  }

  private synchronized CompletableFuture<RunSnapshot> question(RunId run) {
    CompletableFuture<RunSnapshot> asked = underWay.get(run);
    if (asked == null) {
      asked = CompletableFuture.supplyAsync(() -> ask.apply(run), threads);
      underWay.put(run, asked);
      asked.whenComplete((snapshot, failure) -> answered(run, Optional.ofNullable(snapshot)));
    }
    return asked;
  }

  private synchronized void answered(RunId run, Optional<RunSnapshot> snapshot) {
    underWay.remove(run);
    snapshot.ifPresent(s -> last.put(run, s));
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
