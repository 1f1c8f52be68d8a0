package io.dinoflow.model.data;

import io.dinoflow.model.tensor.SeededRandom;
import java.util.List;

/**
 * Which patches of which rows the student must guess (iBOT).
 *
 * <p>Exactly int(rows * probability) rows are masked; the i-th of n gets exactly int(N * p[i + 1])
 * patches, p = linspace(from, to, n + 1) in float32: blocks of random area and aspect first,
 * completed by single patches. Then rows are shuffled over the whole batch. (BEiT, 2106.08254;
 * iBOT, 2111.07832.)
 */
public final class MaskSampler {

  private static final int TRIES = 10;
  private static final int BLOCK_PATCHES_MIN = 4;
  private static final double LOG_ASPECT_MAX = -StrictMath.log(0.3);

  private final double probability;
  private final float from;
  private final float to;

  /**
   * @param probability share of the rows that are masked
   * @param ratioMinMax share of a masked row's patches, from and to
   */
  public MaskSampler(double probability, List<Double> ratioMinMax) {
    this.probability = probability;
    this.from = ratioMinMax.get(0).floatValue();
    this.to = ratioMinMax.get(1).floatValue();
  }

  /**
   * @param side patches of the square grid's side
   * @return rows x side^2, 1 where masked
   */
  public byte[][] sample(int rows, int side, SeededRandom random) {
    int patches = side * side;
    int masked = (int) (rows * probability);
    byte[][] made = new byte[rows][patches];
    for (int i = 0; i < masked; i++) {
      mask(made[i], side, (int) (patches * ratio(i + 1, masked + 1)), random);
    }
    int[] order = random.permutation(rows);
    byte[][] shuffled = new byte[rows][];
    for (int i = 0; i < rows; i++) {
      shuffled[i] = made[order[i]];
    }
    return shuffled;
  }

  /** linspace in float32, from both ends to the middle as torch does. */
  private float ratio(int i, int count) {
    float step = (to - from) / (count - 1);
    return i < count / 2 ? from + step * i : to - step * (count - 1 - i);
  }

  /** Masks exactly {@code target} patches of an empty row. */
  static void mask(byte[] row, int side, int target, SeededRandom random) {
    int blockMax = row.length / 2;
    int count = 0;
    while (count < target) {
      int added = block(row, side, Math.min(target - count, blockMax), random);
      if (added == 0) {
        break;
      }
      count += added;
    }
    complete(row, target - count, random);
  }

  private static int block(byte[] row, int side, int addMax, SeededRandom random) {
    for (int i = 0; i < TRIES; i++) {
      double area = random.nextDouble(BLOCK_PATCHES_MIN, addMax);
      double aspect = StrictMath.exp(random.nextDouble(-LOG_ASPECT_MAX, LOG_ASPECT_MAX));
      int h = (int) Math.rint(Math.sqrt(area * aspect));
      int w = (int) Math.rint(Math.sqrt(area / aspect));
      if (w >= side || h >= side) {
        continue;
      }
      int top = random.nextInt(side - h + 1);
      int left = random.nextInt(side - w + 1);
      int fresh = h * w - count(row, side, top, left, h, w);
      if (fresh > 0 && fresh <= addMax) {
        for (int y = top; y < top + h; y++) {
          java.util.Arrays.fill(row, y * side + left, y * side + left + w, (byte) 1);
        }
        return fresh;
      }
    }
    return 0;
  }

  private static int count(byte[] row, int side, int top, int left, int h, int w) {
    int sum = 0;
    for (int y = top; y < top + h; y++) {
      for (int x = left; x < left + w; x++) {
        sum += row[y * side + x];
      }
    }
    return sum;
  }

  private static void complete(byte[] row, int missing, SeededRandom random) {
    int left = missing;
    for (int patch : random.permutation(row.length)) {
      if (left == 0) {
        return;
      }
      if (row[patch] == 0) {
        row[patch] = 1;
        left--;
      }
    }
  }
}
