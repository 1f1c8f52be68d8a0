package io.dinoflow.storage.checkpoint;

import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** How commits end and how long they take, uploads included, in the process's meters. */
final class CommitMeters {
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofSeconds(2),
    Duration.ofSeconds(10),
    Duration.ofSeconds(60),
    Duration.ofMinutes(10)
  };

  private CommitMeters() {}

  static <T> T measured(Supplier<T> commit) {
    long began = System.nanoTime();
    String outcome = "failed";
    try {
      T made = commit.get();
      outcome = "committed";
      return made;
    } catch (FencedException e) {
      outcome = "fenced";
      throw e;
    } catch (StaleStepException e) {
      outcome = "stale";
      throw e;
    } catch (CommitUnknownException e) {
      outcome = "unknown";
      throw e;
    } catch (StoreUnavailableException | DatabaseUnavailableException e) {
      outcome = "unavailable";
      throw e;
    } finally {
      Timer.builder("dinoflow.checkpoint.commit")
          .description("Commits of training states, uploads included, by how they ended")
          .tag("outcome", outcome)
          .serviceLevelObjectives(BUCKETS)
          .register(Metrics.globalRegistry)
          .record(System.nanoTime() - began, TimeUnit.NANOSECONDS);
    }
  }
}
