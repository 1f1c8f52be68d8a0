package io.dinoflow.model.data;

import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Antialiased bicubic resize (Keys, a = -0.5, widened by the scale when shrinking), as PIL and
 * torchvision do it.
 *
 * <p>On 8-bit levels it works in the fixed point of PIL: a horizontal pass rounded to 8 bits, then
 * a vertical one, so results are equal bit for bit on every machine. Scratch memory is kept, so one
 * thread uses one resampler; tap tables are shared.
 */
final class Resampler {

  private static final int PRECISION_BITS = 22;
  private static final int HALF = 1 << (PRECISION_BITS - 1);
  private static final double SUPPORT = 2;
  private static final double A = -0.5;
  private static final int TABLES_MAX = 8192;

  /** For each output position where its taps begin, how many there are, and their weights. */
  private record Taps(int width, int[] from, int[] count, int[] fixed, float[] weights) {}

  private static final Map<Long, Taps> TABLES = new ConcurrentHashMap<>();

  private byte[] rows = new byte[0];
  private float[] floatRows = new float[0];

  /**
   * Resizes a box of packed RGB rows.
   *
   * @param inWidth pixels of a row of {@code in}
   * @param out receives w x h pixels
   */
  void resize(byte[] in, int inWidth, Box box, byte[] out, int w, int h) {
    Taps across = taps(box.width(), w);
    Taps down = taps(box.height(), h);
    int needed = 3 * w * box.height();
    if (rows.length < needed) {
      rows = new byte[needed];
    }
    for (int y = 0; y < box.height(); y++) {
      int start = 3 * ((box.top() + y) * inWidth + box.left());
      horizontal(in, start, across, rows, 3 * y * w, w);
    }
    for (int y = 0; y < h; y++) {
      vertical(rows, down, y, out, 3 * w);
    }
  }

  private static void horizontal(byte[] in, int start, Taps taps, byte[] out, int at, int w) {
    int[] fixed = taps.fixed();
    for (int x = 0; x < w; x++) {
      int p = start + 3 * taps.from()[x];
      int k = x * taps.width();
      int end = k + taps.count()[x];
      int r = HALF;
      int g = HALF;
      int b = HALF;
      for (; k < end; k++, p += 3) {
        int weight = fixed[k];
        r += weight * (in[p] & 0xFF);
        g += weight * (in[p + 1] & 0xFF);
        b += weight * (in[p + 2] & 0xFF);
      }
      out[at] = level(r);
      out[at + 1] = level(g);
      out[at + 2] = level(b);
      at += 3;
    }
  }

  private static void vertical(byte[] rows, Taps taps, int y, byte[] out, int rowBytes) {
    int first = taps.from()[y] * rowBytes;
    int k0 = y * taps.width();
    int count = taps.count()[y];
    int at = y * rowBytes;
    for (int x = 0; x < rowBytes; x++) {
      int sum = HALF;
      int p = first + x;
      for (int k = 0; k < count; k++, p += rowBytes) {
        sum += taps.fixed()[k0 + k] * (rows[p] & 0xFF);
      }
      out[at + x] = level(sum);
    }
  }

  private static byte level(int sum) {
    int level = sum >> PRECISION_BITS;
    return (byte) (level < 0 ? 0 : Math.min(level, 255));
  }

  /** Resizes (3, inHeight, inWidth) floats into (3, h, w). */
  void resize(float[] in, int inWidth, int inHeight, float[] out, int w, int h) {
    Taps across = taps(inWidth, w);
    Taps down = taps(inHeight, h);
    int needed = w * inHeight;
    if (floatRows.length < needed) {
      floatRows = new float[needed];
    }
    for (int c = 0; c < 3; c++) {
      for (int y = 0; y < inHeight; y++) {
        int start = (c * inHeight + y) * inWidth;
        for (int x = 0; x < w; x++) {
          int p = start + across.from()[x];
          int k = x * across.width();
          float sum = 0;
          for (int end = k + across.count()[x]; k < end; k++) {
            sum += across.weights()[k] * in[p++];
          }
          floatRows[y * w + x] = sum;
        }
      }
      for (int y = 0; y < h; y++) {
        int k0 = y * down.width();
        for (int x = 0; x < w; x++) {
          int p = down.from()[y] * w + x;
          float sum = 0;
          for (int k = 0; k < down.count()[y]; k++, p += w) {
            sum += down.weights()[k0 + k] * floatRows[p];
          }
          out[(c * h + y) * w + x] = sum;
        }
      }
    }
  }

  private static Taps taps(int in, int out) {
    long key = ((long) in << 32) | out;
    Taps known = TABLES.get(key);
    if (known != null) {
      return known;
    }
    Taps made = make(in, out);
    if (TABLES.size() < TABLES_MAX) {
      TABLES.put(key, made);
    }
    return made;
  }

  private static Taps make(int in, int out) {
    double scale = (double) in / out;
    double filterScale = Math.max(1, scale);
    double support = SUPPORT * filterScale;
    int width = 2 * (int) Math.ceil(support) + 1;
    Taps taps =
        new Taps(width, new int[out], new int[out], new int[out * width], new float[out * width]);
    double[] w = new double[width];
    for (int x = 0; x < out; x++) {
      double centre = (x + 0.5) * scale;
      int from = Math.max(0, (int) (centre - support + 0.5));
      int count = Math.min(in, (int) (centre + support + 0.5)) - from;
      double total = 0;
      for (int k = 0; k < count; k++) {
        w[k] = keys((k + from - centre + 0.5) / filterScale);
        total += w[k];
      }
      taps.from()[x] = from;
      taps.count()[x] = count;
      for (int k = 0; k < count; k++) {
        double weight = w[k] / total;
        taps.weights()[x * width + k] = (float) weight;
        // Rounds half away from zero, as PIL does.
        double scaled = weight * (1 << PRECISION_BITS);
        taps.fixed()[x * width + k] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
      }
      Arrays.fill(w, 0);
    }
    return taps;
  }

  private static double keys(double x) {
    double d = Math.abs(x);
    if (d < 1) {
      return ((A + 2) * d - (A + 3)) * d * d + 1;
    }
    return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
  }
}
