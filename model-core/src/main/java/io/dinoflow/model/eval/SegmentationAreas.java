package io.dinoflow.model.eval;

import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;

/**
 * Areas in pixels of each class of a segmentation, summed over pictures before anything is divided,
 * so that a large picture counts as much as its pixels. Not thread-safe.
 */
public final class SegmentationAreas {
  /** The label of pixels that count nowhere. */
  public static final int IGNORED = 255;

  /** Whether label 0 is background that is not measured. */
  public enum ZeroLabel {
    A_CLASS,
    /** Labels move down by one and 0 becomes {@link #IGNORED}; predictions stay as they are. */
    BACKGROUND
  }

  private final ZeroLabel zero;
  private final long[] intersection;
  private final long[] predicted;
  private final long[] labelled;

  public SegmentationAreas(int classes, ZeroLabel zero) {
    this.zero = zero;
    this.intersection = new long[classes];
    this.predicted = new long[classes];
    this.labelled = new long[classes];
  }

  /** Adds a picture: one predicted class and one label a pixel. */
  public void add(long[] prediction, long[] label) {
    if (prediction.length != label.length) {
      throw new IllegalArgumentException(
          "%d predicted pixels for %d labels, must be one each"
              .formatted(prediction.length, label.length));
    }
    for (int i = 0; i < label.length; i++) {
      int truth = labelOf(label[i]);
      if (truth == IGNORED) {
        continue;
      }
      int guess = Math.toIntExact(prediction[i]);
      labelled[truth]++;
      predicted[guess]++;
      intersection[truth] += guess == truth ? 1 : 0;
    }
  }

  private int labelOf(long label) {
    if (zero == ZeroLabel.A_CLASS || label == IGNORED) {
      return Math.toIntExact(label);
    }
    return label == 0 ? IGNORED : Math.toIntExact(label - 1);
  }

  public long intersection(int c) {
    return intersection[c];
  }

  public long union(int c) {
    return predicted[c] + labelled[c] - intersection[c];
  }

  public long predicted(int c) {
    return predicted[c];
  }

  public long labelled(int c) {
    return labelled[c];
  }

  /** Mean intersection over union; classes that occur nowhere are left out, here and below. */
  public double meanIou() {
    return mean(c -> share(intersection[c], union(c)));
  }

  /** Mean over classes of the share of its pixels that are found. */
  public double recall() {
    return mean(c -> share(intersection[c], labelled[c]));
  }

  /** Mean over classes of the share of pixels predicted as it that are. */
  public double precision() {
    return mean(c -> share(intersection[c], predicted[c]));
  }

  /** Share of all pixels that are right. */
  public double pixelAccuracy() {
    return share(
        IntStream.range(0, labelled.length).mapToLong(c -> intersection[c]).sum(),
        IntStream.range(0, labelled.length).mapToLong(c -> labelled[c]).sum());
  }

  /** Mean Dice coefficient. */
  public double dice() {
    return mean(c -> share(2 * intersection[c], predicted[c] + labelled[c]));
  }

  /** Mean harmonic mean of precision and recall, over classes that have one. */
  public double fscore() {
    return mean(
        c -> {
          double precision = share(intersection[c], predicted[c]);
          double recall = share(intersection[c], labelled[c]);
          return 2 * precision * recall / (precision + recall);
        });
  }

  private static double share(long part, long whole) {
    return (double) part / whole;
  }

  private double mean(IntToDoubleFunction ofClass) {
    return IntStream.range(0, labelled.length)
        .mapToDouble(ofClass)
        .filter(v -> !Double.isNaN(v))
        .average()
        .orElse(Double.NaN);
  }
}
