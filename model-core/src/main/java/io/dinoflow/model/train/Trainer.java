package io.dinoflow.model.train;

import java.nio.file.Path;
import java.util.Map;

/**
 * A training state in memory and the one loop that advances it.
 *
 * <p>Every step is a function of (recipe, seed, step, state), so training on from a snapshot equals
 * never having stopped, bit for bit on an equal machine. One thread uses a trainer at a time;
 * {@link #close} frees its native memory.
 */
public interface Trainer extends AutoCloseable {

  /** Steps behind the state held now, on the track's own count. */
  long step();

  /**
   * Trains until {@code untilStep}, or until the listener says stop.
   *
   * @throws DivergedException the loss or a gradient norm is not finite; the state is that before
   *     the step
   */
  void run(long untilStep, StepListener listener);

  /**
   * Writes the state into {@code folder}, hashing as it writes.
   *
   * @return one snapshot for each track; the key is the student's name, or empty for a single track
   */
  Map<String, Snapshot> snapshot(Path folder);

  /**
   * Copies the state out of training memory, which takes a copy's time and, once, memory for a
   * second state. Training may go on while the copy is written by another thread.
   *
   * @throws IllegalStateException an earlier copy is still open
   */
  StateCopy copy();

  /**
   * Takes the states of snapshots in place of those held; the step stays.
   *
   * @param folders the files of {@link #snapshot} by track; a track that is not named keeps its own
   * @throws IllegalArgumentException a file does not fit the networks; what is held is undefined
   */
  void restore(Map<String, Path> folders);

  /**
   * Measures the fixed probe batch: mean cosine similarity of the class token and of patches, and
   * so on.
   */
  Map<String, Double> probe();

  @Override
  void close();
}
