package io.dinoflow.model.data;

import io.dinoflow.model.data.Resampler.Arithmetic;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Resizes many boxes of one picture: the bytes of {@link Resampler} with PIL's arithmetic, in a
 * fraction of its time.
 *
 * <p>The levels are kept as ints, once by rows and once by columns. Either pass then adds weighted
 * lines, which the compiler turns into vector instructions; it does so for neither bytes nor taps
 * along a line. A picture beyond {@link #PIXELS_MAX} goes to the resampler instead, at twice the
 * time, so that scratch memory stays bounded. One thread uses one of these.
 */
final class CropResizer {
  /** 24 bytes of scratch memory a pixel. */
  static final int PIXELS_MAX = 1 << 20;

  private static final int BLOCK = 16;
  private static final int LEVEL_MAX = 255;

  private final Resampler resampler = new Resampler(Arithmetic.PIL);
  private @Nullable RgbImage loaded;
  private int[][] rows = new int[0][];
  private int[][] columns = new int[0][];
  private int[][] between = new int[0][];
  private int[] sums = new int[0];

  /**
   * Resizes a box.
   *
   * @param out receives w x h packed pixels
   */
  void resize(RgbImage image, Box box, byte[] out, int w, int h) {
    if ((long) image.width() * image.height() > PIXELS_MAX) {
      resampler.resize(image.rgb(), image.width(), box, out, w, h);
      return;
    }
    if (loaded != image) {
      load(image);
    }
    if (Resampler.verticalFirst(box, w, h)) {
      verticalFirst(box, out, w, h);
    } else {
      horizontalFirst(box, out, w, h);
    }
  }

  private void load(RgbImage image) {
    int width = image.width();
    int height = image.height();
    byte[] rgb = image.rgb();
    rows = reserve(rows, height, 3 * width);
    columns = reserve(columns, width, 3 * height);
    for (int y = 0, from = 0; y < height; y++) {
      int[] row = rows[y];
      for (int i = 0; i < 3 * width; i++, from++) {
        row[i] = rgb[from] & LEVEL_MAX;
      }
    }
    // In blocks of rows, so that what is read is still in the cache for the next column.
    for (int top = 0; top < height; top += BLOCK) {
      int bottom = Math.min(height, top + BLOCK);
      for (int x = 0; x < width; x++) {
        int[] column = columns[x];
        for (int y = top, from = 3 * (top * width + x); y < bottom; y++, from += 3 * width) {
          column[3 * y] = rgb[from] & LEVEL_MAX;
          column[3 * y + 1] = rgb[from + 1] & LEVEL_MAX;
          column[3 * y + 2] = rgb[from + 2] & LEVEL_MAX;
        }
      }
    }
    loaded = image;
  }

  private void horizontalFirst(Box box, byte[] out, int w, int h) {
    Taps across = Taps.of(Arithmetic.PIL, box.width(), w);
    Taps down = Taps.of(Arithmetic.PIL, box.height(), h);
    int top = 3 * box.top();
    int bottom = top + 3 * box.height();
    between = reserve(between, box.height(), 3 * w);
    for (int x = 0; x < w; x++) {
      int[] column = weighed(columns, box.left(), across, x, top, bottom);
      for (int y = 0, i = top; i < bottom; y++, i += 3) {
        put(column, i, between[y], 3 * x);
      }
    }
    for (int y = 0; y < h; y++) {
      int[] row = weighed(between, 0, down, y, 0, 3 * w);
      for (int i = 0, to = 3 * y * w; i < 3 * w; i++, to++) {
        out[to] = (byte) row[i];
      }
    }
  }

  private void verticalFirst(Box box, byte[] out, int w, int h) {
    Taps across = Taps.of(Arithmetic.PIL, box.width(), w);
    Taps down = Taps.of(Arithmetic.PIL, box.height(), h);
    int left = 3 * box.left();
    int right = left + 3 * box.width();
    between = reserve(between, box.width(), 3 * h);
    for (int y = 0; y < h; y++) {
      int[] row = weighed(rows, box.top(), down, y, left, right);
      for (int x = 0, i = left; i < right; x++, i += 3) {
        put(row, i, between[x], 3 * y);
      }
    }
    for (int x = 0; x < w; x++) {
      int[] column = weighed(between, 0, across, x, 0, 3 * h);
      for (int i = 0, to = 3 * x; i < 3 * h; i += 3, to += 3 * w) {
        out[to] = (byte) column[i];
        out[to + 1] = (byte) column[i + 1];
        out[to + 2] = (byte) column[i + 2];
      }
    }
  }

  private static void put(int[] from, int i, int[] to, int j) {
    to[j] = from[i];
    to[j + 1] = from[i + 1];
    to[j + 2] = from[i + 2];
  }

  private static int[][] reserve(int[][] lines, int count, int length) {
    if (lines.length >= count && lines[0].length >= length) {
      return lines;
    }
    return new int[Math.max(count, lines.length)]
        [Math.max(length, lines.length == 0 ? 0 : lines[0].length)];
  }

  /** The line at an output position, from {@code from} to {@code to}, rounded to levels. */
  private int[] weighed(int[][] lines, int first, Taps taps, int position, int from, int to) {
    if (sums.length < to) {
      sums = new int[to];
    }
    int[] weights = taps.fixed();
    int k = position * taps.width();
    int line = first + taps.from()[position];
    int last = line + taps.count()[position] - 1;
    for (int i = line; i <= last; i += Taps.GROUP, k += Taps.GROUP) {
      // Behind the last tap weights are zero, whatever they weigh.
      int[] a = lines[i];
      int[] b = lines[Math.min(i + 1, last)];
      int[] c = lines[Math.min(i + 2, last)];
      int[] d = lines[Math.min(i + 3, last)];
      if (i == line) {
        Arrays.fill(sums, from, to, 1 << (taps.bits() - 1));
      }
      add(sums, a, b, c, d, weights[k], weights[k + 1], weights[k + 2], weights[k + 3], from, to);
    }
    round(sums, taps.bits(), from, to);
    return sums;
  }

  private static void add(
      int[] sums,
      int[] a,
      int[] b,
      int[] c,
      int[] d,
      int wa,
      int wb,
      int wc,
      int wd,
      int from,
      int to) {
    for (int i = from; i < to; i++) {
      sums[i] += wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
    }
  }

  /** Cuts to 0..255 with masks: a choice would keep the loop from becoming vectors. */
  private static void round(int[] sums, int bits, int from, int to) {
    for (int i = from; i < to; i++) {
      int level = sums[i] >> bits;
      sums[i] = (level | ((LEVEL_MAX - level) >> 31)) & ~(level >> 31) & LEVEL_MAX;
    }
  }
}
