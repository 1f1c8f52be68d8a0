package io.dinoflow.model.curate;

import io.dinoflow.model.data.RgbImage;

/**
 * A fixed description of a picture for the cold start, before any backbone is trained: colours on a
 * 4 x 4 grid and histograms of gradient directions on the same grid (after Dalal and Triggs 2005),
 * each half of unit length, then the whole. Needs no weights, so curation never waits for a model.
 */
public final class StarterDescriptor {

  private static final int SIDE = 32;
  private static final int GRID = 4;
  private static final int CELL = SIDE / GRID;
  private static final int DIRECTIONS = 8;
  private static final int COLOURS = GRID * GRID * 3;
  private static final double TINY = 1e-6;

  /** Length of a descriptor. */
  public static final int DIM = COLOURS + GRID * GRID * DIRECTIONS;

  private StarterDescriptor() {}

  /** A unit vector of {@link #DIM} floats. */
  public static float[] of(RgbImage image) {
    RgbImage small = image.resized(SIDE, SIDE);
    double[] raw = new double[DIM];
    colours(small, raw);
    gradients(small, raw);
    normalise(raw, 0, COLOURS);
    normalise(raw, COLOURS, DIM);
    normalise(raw, 0, DIM);
    float[] unit = new float[DIM];
    for (int i = 0; i < DIM; i++) {
      unit[i] = (float) raw[i];
    }
    return unit;
  }

  private static void colours(RgbImage image, double[] raw) {
    for (int y = 0; y < SIDE; y++) {
      for (int x = 0; x < SIDE; x++) {
        for (int c = 0; c < 3; c++) {
          // Around mid-grey, so that dark and bright pictures point to opposite sides.
          raw[cell(x, y) * 3 + c] += level(image, x, y, c) / 255.0 - 0.5;
        }
      }
    }
  }

  private static void gradients(RgbImage image, double[] raw) {
    for (int y = 1; y < SIDE - 1; y++) {
      for (int x = 1; x < SIDE - 1; x++) {
        double dx = luma(image, x + 1, y) - luma(image, x - 1, y);
        double dy = luma(image, x, y + 1) - luma(image, x, y - 1);
        double size = Math.sqrt(dx * dx + dy * dy);
        // Directions count modulo 180 degrees: light on dark equals dark on light.
        double turn = (StrictMath.atan2(dy, dx) / Math.PI + 1) % 1 * DIRECTIONS;
        int lower = (int) turn % DIRECTIONS;
        double share = turn - (int) turn;
        int base = COLOURS + cell(x, y) * DIRECTIONS;
        raw[base + lower] += size * (1 - share);
        raw[base + (lower + 1) % DIRECTIONS] += size * share;
      }
    }
  }

  private static int cell(int x, int y) {
    return y / CELL * GRID + x / CELL;
  }

  private static double luma(RgbImage image, int x, int y) {
    return 0.299 * level(image, x, y, 0)
        + 0.587 * level(image, x, y, 1)
        + 0.114 * level(image, x, y, 2);
  }

  private static int level(RgbImage image, int x, int y, int channel) {
    return image.rgb()[3 * (y * SIDE + x) + channel] & 0xFF;
  }

  private static void normalise(double[] raw, int from, int to) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += raw[i] * raw[i];
    }
    double length = Math.max(Math.sqrt(sum), TINY);
    for (int i = from; i < to; i++) {
      raw[i] /= length;
    }
  }
}
