package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The pictures of a step in row order. A sample that cannot be decoded is replaced by the next one
 * of the epoch's order that can; this depends on content alone, so it is the same on every try.
 *
 * <p>The order being known, it says ahead which samples the next steps want. Thread-safe.
 */
final class SampleStream {

  private static final int UNREADABLE_IN_A_ROW_MAX = 1000;

  /** Enough for a store that takes some steps' time for a shard; more would fill disks in vain. */
  static final int STEPS_AHEAD = 32;

  /** A sample and its pixels. */
  record Picture(Sample sample, RgbImage image) {}

  private final List<Sample> samples;
  private final SampleImages images;
  private final StepSampler order;
  // of its own, since each keeps the permutation of one epoch
  private final StepSampler orderAhead;
  // steps before it are announced
  private final AtomicLong announced = new AtomicLong(Long.MIN_VALUE);

  SampleStream(List<Sample> samples, SampleImages images, long seed, int batchSize) {
    this.samples = List.copyOf(samples);
    this.images = images;
    this.order = new StepSampler(seed, samples.size(), batchSize);
    this.orderAhead = new StepSampler(seed, samples.size(), batchSize);
  }

  Picture picture(long step, int row) throws IOException {
    announce(step);
    long position = order.firstPosition(step) + row;
    int tries = Math.min(samples.size(), UNREADABLE_IN_A_ROW_MAX);
    String reason = "";
    for (int i = 0; i < tries; i++) {
      Sample sample = samples.get(order.index(position + i));
      try {
        return new Picture(sample, images.image(sample));
      } catch (UnreadableImageException e) {
        reason = sample.key() + ": " + e.getMessage();
      }
    }
    throw new UnusableDatasetException(
        "none of %d samples in a row can be decoded; the last is %s".formatted(tries, reason));
  }

  /** Announces each step once, whoever comes first. */
  private void announce(long step) {
    long until = step + 1 + STEPS_AHEAD;
    long before = announced.getAndUpdate(known -> Math.max(known, until));
    for (long next = Math.max(before, step); next < until; next++) {
      images.soon(Arrays.stream(orderAhead.indexes(next)).mapToObj(samples::get).toList());
    }
  }
}
