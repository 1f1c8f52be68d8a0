package io.dinoflow.model.gate;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.Arrays;
import java.util.List;

/**
 * The percentile bootstrap of a difference over the same pictures (Efron and Tibshirani 1993,
 * chapter 13): pictures are drawn with replacement, each with both its answers, so that what makes
 * a picture hard for both cancels out.
 *
 * <p>The draws are a function of the pictures and the metric: who asks again gets the same band.
 */
final class PairedBootstrap {
  static final int DRAWS = 4000;
  private static final double TAIL = 0.025;

  private PairedBootstrap() {}

  /**
   * @param difference challenger - champion, over all pictures
   * @param low,high ends of its 95 % band
   */
  record Band(int pictures, double difference, double low, double high) {}

  /**
   * @throws IllegalArgumentException the two were not measured on the same pictures
   */
  static Band of(Scorecard challenger, Scorecard champion, String metric) {
    if (!challenger.samples().equals(champion.samples())) {
      throw new IllegalArgumentException(
          "challenger and champion were measured on %d and %d pictures that are not the same; measure the champion on the challenger's pictures"
              .formatted(challenger.samples().size(), champion.samples().size()));
    }
    return of(challenger.right(metric), champion.right(metric), seed(challenger.samples()), metric);
  }

  static Band of(boolean[] challenger, boolean[] champion, long seed, String metric) {
    int n = challenger.length;
    if (n == 0 || n != champion.length) {
      throw new IllegalArgumentException(
          "%d answers against %d, must be equally many and at least one"
              .formatted(n, champion.length));
    }
    int[] won = new int[n];
    for (int i = 0; i < n; i++) {
      won[i] = (challenger[i] ? 1 : 0) - (champion[i] ? 1 : 0);
    }
    double[] differences = new double[DRAWS];
    for (int draw = 0; draw < DRAWS; draw++) {
      SeededRandom random =
          SeededRandom.of(seed, Purpose.BOOTSTRAP, SeededRandom.coordinate(metric), draw);
      long sum = 0;
      for (int i = 0; i < n; i++) {
        sum += won[random.nextInt(n)];
      }
      differences[draw] = (double) sum / n;
    }
    Arrays.sort(differences);
    int cut = (int) Math.floor(TAIL * DRAWS);
    return new Band(
        n, (double) Arrays.stream(won).sum() / n, differences[cut], differences[DRAWS - 1 - cut]);
  }

  private static long seed(List<Sha256> samples) {
    StringBuilder all = new StringBuilder();
    samples.forEach(sample -> all.append(sample).append('\n'));
    return Long.parseUnsignedLong(Sha256.ofText(all.toString()).hex().substring(0, 16), 16);
  }
}
