package io.dinoflow.ops.bench;

import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * How a number of ours compares with theirs when both were measured in turns: the median of the
 * ratios within the turns, which other load on the machine touches least, and where that median
 * lies with 95 % probability by the percentile bootstrap (Efron 1979).
 */
record PairedRatio(double median, double low, double high, int pairs) {
  private static final int RESAMPLES = 10_000;
  private static final double TAIL = 0.025;

  static PairedRatio of(double[] ours, double[] theirs) {
    if (ours.length != theirs.length || ours.length == 0) {
      throw new IllegalArgumentException(
          "%d numbers of ours cannot be paired with %d".formatted(ours.length, theirs.length));
    }
    double[] ratios = new double[ours.length];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ours[i] / theirs[i];
    }
    SplittableRandom random = new SplittableRandom(1);
    double[] medians = new double[RESAMPLES];
    double[] drawn = new double[ratios.length];
    for (int r = 0; r < RESAMPLES; r++) {
      for (int i = 0; i < drawn.length; i++) {
        drawn[i] = ratios[random.nextInt(ratios.length)];
      }
      medians[r] = median(drawn);
    }
    Arrays.sort(medians);
    return new PairedRatio(
        median(ratios),
        medians[(int) (TAIL * RESAMPLES)],
        medians[(int) ((1 - TAIL) * RESAMPLES) - 1],
        ratios.length);
  }

  /** What it is against, in words: their median, and the interval. */
  String against(String name, double[] theirs) {
    return String.format(
        Locale.ROOT,
        "%s %s; 95 %% of %d pairs %.3f to %.3f",
        name,
        Measurement.figure(median(theirs)),
        pairs,
        low,
        high);
  }

  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Half of the distance between the quartiles. */
  static double spread(double[] values) {
    return (LineageBench.quantile(values, 0.75) - LineageBench.quantile(values, 0.25)) / 2;
  }
}
