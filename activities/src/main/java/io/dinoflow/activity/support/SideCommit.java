package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * One thread beside training that makes one checkpoint at a time real.
 *
 * <p>Nothing is lost in it: what a commit came to, a failure too, is told once, to the training
 * thread, which owns this object and asks between steps. Closing it waits for the commit in flight,
 * since that reads memory of the trainer.
 */
final class SideCommit implements AutoCloseable {
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread made = new Thread(task, "commit");
            made.setDaemon(true);
            return made;
          });
  private @Nullable CompletableFuture<Done> inFlight;

  /** A commit that is through: its checkpoints, one a track, and the means of its steps. */
  record Done(long step, List<CheckpointRef> checkpoints, List<Metric> means) {
    Done {
      checkpoints = List.copyOf(checkpoints);
      means = List.copyOf(means);
    }
  }

  /** Work of the side thread. */
  @FunctionalInterface
  interface Commit {
    Done run() throws IOException;
  }

  /** Begins a commit; the one before it has been waited for. */
  void begin(Commit commit) {
    if (inFlight != null) {
      throw new IllegalStateException("a commit is in flight already: wait for it first");
    }
    CompletableFuture<Done> begun = new CompletableFuture<>();
    thread.execute(LogContext.carried(() -> run(commit, begun)));
    inFlight = begun;
  }

  private static void run(Commit commit, CompletableFuture<Done> begun) {
    try {
      begun.complete(commit.run());
    } catch (IOException e) {
      begun.completeExceptionally(new UncheckedIOException("cannot write a checkpoint", e));
    } catch (RuntimeException | Error e) {
      begun.completeExceptionally(e);
    }
  }

  /** Whether there is a commit that has not ended. */
  boolean isUnderWay() {
    return inFlight != null && !inFlight.isDone();
  }

  /** Whether the commit in flight failed; {@link #await} tells how. */
  boolean hasFailed() {
    return inFlight != null && inFlight.isCompletedExceptionally();
  }

  /** What the commit came to, if it has ended and that was not told before; never waits. */
  Optional<Done> finished() {
    return inFlight != null && inFlight.isDone() ? await() : Optional.empty();
  }

  /**
   * Waits for the commit in flight.
   *
   * @return empty where there is none, or its end was told before
   * @throws RuntimeException what it failed with
   */
  Optional<Done> await() {
    CompletableFuture<Done> commit = inFlight;
    if (commit == null) {
      return Optional.empty();
    }
    inFlight = null;
    try {
      return Optional.of(commit.join());
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error failure) {
        throw failure;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    try {
      await();
    } finally {
      thread.shutdown();
    }
  }
}
