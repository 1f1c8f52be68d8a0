package io.dinoflow.model.data;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Antialiased bicubic resize (Keys, a = -0.5, widened by the scale when shrinking), as PIL and
 * torchvision do it.
 *
 * <p>On 8-bit levels it works in fixed point with a first pass rounded to 8 bits, so results are
 * equal bit for bit on every machine. {@link Arithmetic} says whose fixed point: pictures are
 * augmented as PIL does and evaluated as torchvision does on tensors. Scratch memory is kept, so
 * one thread uses one resampler; tap tables are shared.
 */
final class Resampler {

  /** Fixed point of the weights, and which pass comes first. */
  enum Arithmetic {
    /** 22 bits; the vertical pass first where it shrinks and leaves less to the other. */
    PIL,
    /** The most bits that 16-bit weights allow; the horizontal pass first. */
    TORCHVISION
  }

  private static final int PIL_BITS = 22;
  private static final int SHORT_BITS = 15;
  private static final double SUPPORT = 2;
  private static final double A = -0.5;
  private static final int TABLES_MAX = 8192;

  /** For each output position where its taps begin, how many there are, and their weights. */
  private record Taps(int width, int[] from, int[] count, float[] weights, int bits, int[] fixed) {}

  private record TableKey(Arithmetic arithmetic, int in, int out) {}

  private static final Map<TableKey, Taps> TABLES = new ConcurrentHashMap<>();

  private final Arithmetic arithmetic;
  private byte[] rows = new byte[0];
  private float[] floatRows = new float[0];

  Resampler(Arithmetic arithmetic) {
    this.arithmetic = arithmetic;
  }

  /**
   * Resizes a box of packed RGB rows.
   *
   * @param inWidth pixels of a row of {@code in}
   * @param out receives w x h pixels
   */
  void resize(byte[] in, int inWidth, Box box, byte[] out, int w, int h) {
    Taps across = taps(box.width(), w);
    Taps down = taps(box.height(), h);
    int start = 3 * (box.top() * inWidth + box.left());
    if (verticalFirst(box, w, h)) {
      reserve(3 * box.width() * h);
      vertical(in, start, 3 * inWidth, down, rows, 3 * box.width(), h);
      horizontal(rows, 0, 3 * box.width(), across, out, w, h);
    } else {
      reserve(3 * w * box.height());
      horizontal(in, start, 3 * inWidth, across, rows, w, box.height());
      vertical(rows, 0, 3 * w, down, out, 3 * w, h);
    }
  }

  private boolean verticalFirst(Box box, int w, int h) {
    return arithmetic == Arithmetic.PIL
        && h < box.height()
        && (long) box.width() * h < (long) w * box.height();
  }

  private void reserve(int bytes) {
    if (rows.length < bytes) {
      rows = new byte[bytes];
    }
  }

  /** Resizes {@code height} rows that begin {@code stride} bytes apart to w pixels each. */
  private static void horizontal(
      byte[] in, int start, int stride, Taps taps, byte[] out, int w, int height) {
    int[] fixed = taps.fixed();
    int half = 1 << (taps.bits() - 1);
    int at = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < w; x++) {
        int p = start + y * stride + 3 * taps.from()[x];
        int k = x * taps.width();
        int end = k + taps.count()[x];
        int r = half;
        int g = half;
        int b = half;
        for (; k < end; k++, p += 3) {
          int weight = fixed[k];
          r += weight * (in[p] & 0xFF);
          g += weight * (in[p + 1] & 0xFF);
          b += weight * (in[p + 2] & 0xFF);
        }
        out[at] = level(r >> taps.bits());
        out[at + 1] = level(g >> taps.bits());
        out[at + 2] = level(b >> taps.bits());
        at += 3;
      }
    }
  }

  /** Resizes columns to h rows of {@code rowBytes} bytes. */
  private static void vertical(
      byte[] in, int start, int stride, Taps taps, byte[] out, int rowBytes, int h) {
    int half = 1 << (taps.bits() - 1);
    for (int y = 0; y < h; y++) {
      int first = start + taps.from()[y] * stride;
      int k0 = y * taps.width();
      int count = taps.count()[y];
      int at = y * rowBytes;
      for (int x = 0; x < rowBytes; x++) {
        int sum = half;
        int p = first + x;
        for (int k = 0; k < count; k++, p += stride) {
          sum += taps.fixed()[k0 + k] * (in[p] & 0xFF);
        }
        out[at + x] = level(sum >> taps.bits());
      }
    }
  }

  private static byte level(int level) {
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

  private Taps taps(int in, int out) {
    TableKey key = new TableKey(arithmetic, in, out);
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

  private static Taps make(TableKey key) {
    int out = key.out();
    double scale = (double) key.in() / out;
    double filterScale = Math.max(1, scale);
    double support = SUPPORT * filterScale;
    int width = 2 * (int) Math.ceil(support) + 1;
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
