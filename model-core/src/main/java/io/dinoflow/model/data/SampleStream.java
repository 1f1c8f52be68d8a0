package io.dinoflow.model.data;

import io.dinoflow.model.artifact.Sample;
import java.io.IOException;
import java.util.List;

/**
 * The pictures of a step in row order. A sample that cannot be decoded is replaced by the next one
 * of the epoch's order that can; this depends on content alone, so it is the same on every try.
 */
final class SampleStream {

  private static final int UNREADABLE_IN_A_ROW_MAX = 1000;

  /** A sample and its pixels. */
  record Picture(Sample sample, RgbImage image) {}

  private final List<Sample> samples;
  private final SampleImages images;
  private final StepSampler order;

  SampleStream(List<Sample> samples, SampleImages images, long seed, int batchSize) {
    this.samples = List.copyOf(samples);
    this.images = images;
    this.order = new StepSampler(seed, samples.size(), batchSize);
  }

  Picture picture(long step, int row) throws IOException {
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
}
