package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * How often a caption finds one of its pictures among the first k, and a picture its caption.
 * Captions are distinct; a picture has one, and pictures may share one.
 *
 * @param picturesOf for each caption the pictures found, best first
 * @param captionsOf for each picture the captions found, best first
 * @param captionOf each picture's own caption
 */
record Recalls(long[][] picturesOf, long[][] captionsOf, int[] captionOf) {
  private static final List<Integer> KS = List.of(1, 5, 10);
  private static final int PERMUTATIONS = 20;

  /**
   * {@code text_to_image.recallK} and {@code image_to_text.recallK}, each with its {@code .chance}:
   * the mean over seeded permutations of which picture has which caption, on the same rankings. The
   * ratio {@code .over_chance} is left out where chance never hit.
   */
  List<Metric> metrics(long seed) {
    List<Metric> metrics = new ArrayList<>();
    for (int k : KS) {
      String text = "text_to_image.recall" + k;
      String image = "image_to_text.recall" + k;
      double[] chance = chance(k, seed);
      put(metrics, text, ofTexts(captionOf, k), chance[0]);
      put(metrics, image, ofImages(captionOf, k), chance[1]);
    }
    return metrics;
  }

  private static void put(List<Metric> metrics, String name, double value, double chance) {
    metrics.add(Metric.of(name, value));
    metrics.add(Metric.of(name + ".chance", chance));
    if (chance > 0) {
      metrics.add(Metric.of(name + ".over_chance", value / chance));
    }
  }

  private double[] chance(int k, long seed) {
    double[] sums = new double[2];
    for (int p = 0; p < PERMUTATIONS; p++) {
      int[] order = SeededRandom.of(seed, Purpose.BOOTSTRAP, p).permutation(captionOf.length);
      int[] permuted = Arrays.stream(order).map(i -> captionOf[i]).toArray();
      sums[0] += ofTexts(permuted, k);
      sums[1] += ofImages(permuted, k);
    }
    return new double[] {sums[0] / PERMUTATIONS, sums[1] / PERMUTATIONS};
  }

  /** Share of captions with a picture of theirs among the first k. */
  double ofTexts(int[] owners, int k) {
    int hits = 0;
    for (int caption = 0; caption < picturesOf.length; caption++) {
      boolean hit = false;
      for (int rank = 0; rank < Math.min(k, picturesOf[caption].length); rank++) {
        hit |= owners[(int) picturesOf[caption][rank]] == caption;
      }
      hits += hit ? 1 : 0;
    }
    return (double) hits / picturesOf.length;
  }

  /** Share of pictures whose caption is among the first k. */
  double ofImages(int[] owners, int k) {
    int hits = 0;
    for (int picture = 0; picture < captionsOf.length; picture++) {
      boolean hit = false;
      for (int rank = 0; rank < Math.min(k, captionsOf[picture].length); rank++) {
        hit |= captionsOf[picture][rank] == owners[picture];
      }
      hits += hit ? 1 : 0;
    }
    return (double) hits / captionsOf.length;
  }
}
