package io.dinoflow.model.data;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;

/**
 * Which samples make up a step: an endless stream of epochs, each a permutation keyed by (seed,
 * epoch), cut into batches. Position in the stream is step * batchSize, so a step's samples need no
 * state. Thread-safe.
 */
public final class StepSampler {

  private record Epoch(long number, int[] order) {}

  private final long seed;
  private final int samples;
  private final int batchSize;
  private volatile Epoch latest;

  public StepSampler(long seed, int samples, int batchSize) {
    if (samples < 1) {
      throw new UnusableDatasetException("the dataset has no samples, at least 1 is needed");
    }
    this.seed = seed;
    this.samples = samples;
    this.batchSize = batchSize;
    this.latest = epoch(0);
  }

  /** First position of a step's batch in the stream. */
  public long firstPosition(long step) {
    return step * batchSize;
  }

  /** Indexes of a step's samples. */
  public int[] indexes(long step) {
    int[] indexes = new int[batchSize];
    for (int i = 0; i < batchSize; i++) {
      indexes[i] = index(firstPosition(step) + i);
    }
    return indexes;
  }

  /** The sample at a position of the stream. */
  public int index(long position) {
    long number = Math.floorDiv(position, (long) samples);
    Epoch epoch = latest;
    if (epoch.number() != number) {
      epoch = epoch(number);
      latest = epoch;
    }
    return epoch.order()[(int) Math.floorMod(position, (long) samples)];
  }

  private Epoch epoch(long number) {
    return new Epoch(number, SeededRandom.of(seed, Purpose.ORDER, number).permutation(samples));
  }
}
