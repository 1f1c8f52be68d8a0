package io.dinoflow.model.data;

import java.time.Duration;

/**
 * Batches of consecutive steps, in order. One thread draws.
 *
 * @param <T> kind of batch
 */
public interface BatchSource<T> extends AutoCloseable {

  /**
   * The next step's batch; its buffers stay as they are until the following call, which may refill
   * them.
   *
   * @throws java.io.UncheckedIOException a shard cannot be had now
   */
  T next();

  /** How long the last {@link #next} waited. */
  Duration lastWait();

  /**
   * CPU time of all batches assembled so far, those that lie ready included; zero where the
   * platform does not tell.
   */
  Duration cpuTime();

  /** Stops the workers and waits for them. */
  @Override
  void close();
}
