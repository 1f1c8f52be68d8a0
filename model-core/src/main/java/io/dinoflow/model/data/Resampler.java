package io.dinoflow.model.data;

/**
 * Antialiased bicubic resize (Keys, a = -0.5, widened by the scale when shrinking), as PIL and
 * torchvision do it.
 *
 * <p>On 8-bit levels it works in fixed point with a first pass rounded to 8 bits, so results are
 * equal bit for bit on every machine. {@link Arithmetic} says whose fixed point: pictures are
 * augmented as PIL does and evaluated as torchvision does on tensors. Scratch memory is kept, so
 * one thread uses one resampler.
 */
final class Resampler {

  /** Fixed point of the weights, and which pass comes first. */
  enum Arithmetic {
    /** 22 bits; the vertical pass first where it shrinks and leaves less to the other. */
    PIL,
    /** The most bits that 16-bit weights allow; the horizontal pass first. */
    TORCHVISION
  }

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
    Taps across = Taps.of(arithmetic, box.width(), w);
    Taps down = Taps.of(arithmetic, box.height(), h);
    int start = 3 * (box.top() * inWidth + box.left());
    if (arithmetic == Arithmetic.PIL && verticalFirst(box, w, h)) {
      reserve(3 * box.width() * h);
      vertical(in, start, 3 * inWidth, down, rows, 3 * box.width(), h);
      horizontal(rows, 0, 3 * box.width(), across, out, w, h);
    } else {
      reserve(3 * w * box.height());
      horizontal(in, start, 3 * inWidth, across, rows, w, box.height());
      vertical(rows, 0, 3 * w, down, out, 3 * w, h);
    }
  }

  /** Which pass PIL makes first. */
  static boolean verticalFirst(Box box, int w, int h) {
    return h < box.height() && (long) box.width() * h < (long) w * box.height();
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
    Taps across = Taps.of(arithmetic, inWidth, w);
    Taps down = Taps.of(arithmetic, inHeight, h);
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
}
