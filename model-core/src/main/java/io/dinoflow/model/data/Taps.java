package io.dinoflow.model.data;

import io.dinoflow.model.data.Resampler.Arithmetic;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The weights of an antialiased bicubic resize along one side: for each output position where its
 * taps begin, how many there are, and what each weighs. Tables are made once and shared.
 *
 * @param width weights of a position in {@code weights} and {@code fixed}: a multiple of {@link
 *     #GROUP}, zeros behind the last tap
 * @param bits of {@code fixed} behind the point
 */
record Taps(int width, int[] from, int[] count, float[] weights, int bits, int[] fixed) {
  /** Taps that an inner loop may take at once. */
  static final int GROUP = 4;

  private static final int PIL_BITS = 22;
  private static final int SHORT_BITS = 15;
  private static final double SUPPORT = 2;
  private static final double A = -0.5;
  private static final int TABLES_MAX = 8192;

  private record Key(Arithmetic arithmetic, int in, int out) {}

  private static final Map<Key, Taps> TABLES = new ConcurrentHashMap<>();

  /** Those that make {@code out} pixels of {@code in}. */
  static Taps of(Arithmetic arithmetic, int in, int out) {
    Key key = new Key(arithmetic, in, out);
    Taps known = TABLES.get(key);
    if (known != null) {
      return known;
    }
    Taps made = make(key);
    if (TABLES.size() < TABLES_MAX) {
      TABLES.put(key, made);
    }
    return made;
  }

  private static Taps make(Key key) {
    int out = key.out();
    double scale = (double) key.in() / out;
    double filterScale = Math.max(1, scale);
    double support = SUPPORT * filterScale;
    int width = (2 * (int) Math.ceil(support) / GROUP + 1) * GROUP;
    int[] from = new int[out];
    int[] counts = new int[out];
    double[] weights = new double[out * width];
    for (int x = 0; x < out; x++) {
      double centre = (x + 0.5) * scale;
      from[x] = Math.max(0, (int) (centre - support + 0.5));
      counts[x] = Math.min(key.in(), (int) (centre + support + 0.5)) - from[x];
      double total = 0;
      for (int k = 0; k < counts[x]; k++) {
        weights[x * width + k] = keys((k + from[x] - centre + 0.5) / filterScale);
        total += weights[x * width + k];
      }
      for (int k = 0; k < counts[x]; k++) {
        weights[x * width + k] /= total;
      }
    }
    int bits = key.arithmetic() == Arithmetic.PIL ? PIL_BITS : shortBits(weights);
    float[] floats = new float[weights.length];
    int[] fixed = new int[weights.length];
    for (int k = 0; k < weights.length; k++) {
      floats[k] = (float) weights[k];
      // Rounds half away from zero, as both do.
      double scaled = weights[k] * (1 << bits);
      fixed[k] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    }
    return new Taps(width, from, counts, floats, bits, fixed);
  }

  /** Bits after the point with which the largest weight still fits 16 bits. */
  private static int shortBits(double[] weights) {
    double largest = 0;
    for (double weight : weights) {
      largest = Math.max(largest, weight);
    }
    int bits = 0;
    while (bits < PIL_BITS && (int) (0.5 + largest * (1 << (bits + 1))) < 1 << SHORT_BITS) {
      bits++;
    }
    return bits;
  }

  private static double keys(double x) {
    double d = Math.abs(x);
    if (d < 1) {
      return ((A + 2) * d - (A + 3)) * d * d + 1;
    }
    return d < 2 ? (((d - 5) * d + 8) * d - 4) * A : 0;
  }
}
