package io.dinoflow.model.data;

import java.util.Arrays;

/**
 * Gaussian blur of packed 8-bit RGB with a kernel of 9, edges reflected, as torchvision computes it
 * (pixels of {@code golden/transforms}).
 *
 * <p>Both passes add weighted lines, by columns and then by rows: so the compiler makes vectors of
 * their loops, which it does not for taps along a line. Scratch memory is kept, so one thread uses
 * one instance.
 */
final class GaussianBlur {
  private static final int KERNEL = 9;
  private static final int RADIUS = KERNEL / 2;

  private float[][] columns = new float[0][];
  private float[][] rows = new float[0][];
  private float[] sums = new float[0];

  /** Blurs in place; sides of at least 5 pixels. */
  void blur(byte[] rgb, int width, int height, double sigma) {
    float[] kernel = kernel(sigma);
    reserve(width, height);
    for (int y = 0, from = 0; y < height; y++) {
      for (int x = 0; x < width; x++, from += 3) {
        float[] column = columns[x];
        column[3 * y] = rgb[from] & 0xFF;
        column[3 * y + 1] = rgb[from + 1] & 0xFF;
        column[3 * y + 2] = rgb[from + 2] & 0xFF;
      }
    }
    for (int x = 0; x < width; x++) {
      weigh(columns, x, width, kernel, 0, 3 * height);
      for (int y = 0, i = 0; y < height; y++, i += 3) {
        float[] row = rows[y];
        row[3 * x] = sums[i];
        row[3 * x + 1] = sums[i + 1];
        row[3 * x + 2] = sums[i + 2];
      }
    }
    for (int y = 0; y < height; y++) {
      weigh(rows, y, height, kernel, 0.5f, 3 * width);
      for (int i = 0, to = 3 * y * width; i < 3 * width; i++, to++) {
        rgb[to] = (byte) Math.min(255, (int) sums[i]);
      }
    }
  }

  private void reserve(int width, int height) {
    if (columns.length < width || rows.length < height) {
      int side = Math.max(width, height);
      columns = new float[side][3 * side];
      rows = new float[side][3 * side];
      sums = new float[3 * side];
    }
  }

  /** Puts the sum of the nine lines around one of {@code count} into {@code sums}. */
  private void weigh(
      float[][] lines, int at, int count, float[] kernel, float rounding, int length) {
    Arrays.fill(sums, 0, length, rounding);
    for (int k = 0; k < KERNEL; k += 3) {
      add(
          sums,
          lines[reflect(at + k - RADIUS, count)],
          lines[reflect(at + k + 1 - RADIUS, count)],
          lines[reflect(at + k + 2 - RADIUS, count)],
          kernel[k],
          kernel[k + 1],
          kernel[k + 2],
          length);
    }
  }

  private static void add(
      float[] sums, float[] a, float[] b, float[] c, float wa, float wb, float wc, int length) {
    for (int i = 0; i < length; i++) {
      sums[i] = sums[i] + wa * a[i] + wb * b[i] + wc * c[i];
    }
  }

  private static int reflect(int i, int n) {
    int j = Math.abs(i);
    return j < n ? j : 2 * (n - 1) - j;
  }

  private static float[] kernel(double sigma) {
    double[] weights = new double[KERNEL];
    double total = 0;
    for (int k = 0; k < KERNEL; k++) {
      double x = (k - RADIUS) / sigma;
      weights[k] = StrictMath.exp(-0.5 * x * x);
      total += weights[k];
    }
    float[] kernel = new float[KERNEL];
    for (int k = 0; k < KERNEL; k++) {
      kernel[k] = (float) (weights[k] / total);
    }
    return kernel;
  }
}
