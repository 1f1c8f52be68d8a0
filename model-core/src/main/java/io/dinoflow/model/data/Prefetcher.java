package io.dinoflow.model.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Assembles batches ahead of the trainer and hands them over in step order.
 *
 * <p>Which thread makes a batch never shows in it: each worker fills a slot of its own with a pure
 * function of the step, and slots are drained in the order of steps. Memory is bounded by the
 * number of slots.
 *
 * @param <T> kind of batch
 */
public final class Prefetcher<T> implements BatchSource<T> {

  private static final long CLOSE_SECONDS_MAX = 60;
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private record Ahead<T>(BatchAssembler.Slot<T> slot, Future<T> batch) {}

  private final ExecutorService workers;
  private final ArrayDeque<Ahead<T>> ahead = new ArrayDeque<>();
  private final AtomicLong cpuNanos = new AtomicLong();
  private BatchAssembler.Slot<T> handedOut;
  private long nextStep;
  private Duration lastWait = Duration.ZERO;

  private Prefetcher(BatchAssembler<T> assembler, long firstStep, int workerCount) {
    this.workers =
        Executors.newFixedThreadPool(
            workerCount,
            task -> {
              Thread thread = new Thread(task, "batches");
              thread.setDaemon(true);
              return thread;
            });
    this.nextStep = firstStep;
    this.handedOut = assembler.slot();
    for (int i = 0; i < workerCount + 1; i++) {
      submit(assembler.slot());
    }
  }

  /**
   * @param firstStep the step whose batch comes first
   * @param workerCount threads that assemble; one more batch than that lies ready
   */
  public static <T> Prefetcher<T> from(
      BatchAssembler<T> assembler, long firstStep, int workerCount) {
    return new Prefetcher<>(assembler, firstStep, workerCount);
  }

  @Override
  public T next() {
    submit(handedOut);
    Ahead<T> first = ahead.remove();
    handedOut = first.slot();
    long began = System.nanoTime();
    try {
      return first.batch().get();
    } catch (ExecutionException e) {
      throw unwrapped(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for a batch", e);
    } finally {
      lastWait = Duration.ofNanos(System.nanoTime() - began);
    }
  }

  @Override
  public Duration lastWait() {
    return lastWait;
  }

  @Override
  public Duration cpuTime() {
    return Duration.ofNanos(cpuNanos.get());
  }

  @Override
  public void close() {
    workers.shutdownNow();
    try {
      if (!workers.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS)) {
        throw new IllegalStateException(
            "batch workers still run %d s after close".formatted(CLOSE_SECONDS_MAX));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void submit(BatchAssembler.Slot<T> slot) {
    long step = nextStep++;
    ahead.add(new Ahead<>(slot, workers.submit(() -> assemble(slot, step))));
  }

  private T assemble(BatchAssembler.Slot<T> slot, long step) throws IOException {
    long began = threadCpuNanos();
    try {
      return slot.assemble(step);
    } finally {
      cpuNanos.addAndGet(threadCpuNanos() - began);
    }
  }

  private static long threadCpuNanos() {
    return THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : 0;
  }

  private static RuntimeException unwrapped(ExecutionException e) {
    Throwable cause = e.getCause();
    if (cause instanceof IOException io) {
      return new UncheckedIOException(io);
    }
    if (cause instanceof Error error) {
      throw error;
    }
    return cause instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
  }
}
