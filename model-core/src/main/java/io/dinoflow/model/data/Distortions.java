package io.dinoflow.model.data;

/**
 * The photometric operations of the official augmentation on packed 8-bit RGB, level by level as
 * PIL computes them (pixels of {@code golden/transforms}).
 *
 * <p>Works in place on the first {@code pixels} pixels of a buffer. Scratch memory is kept, so one
 * thread uses one instance.
 */
final class Distortions {

  static final int BLUR_KERNEL = 9;
  private static final int RADIUS = BLUR_KERNEL / 2;
  private static final int SOLARIZE_FROM = 128;

  private float[] rows = new float[0];

  static void brightness(byte[] rgb, int pixels, float factor) {
    byte[] table = new byte[256];
    for (int v = 0; v < 256; v++) {
      table[v] = blend(0, v, factor);
    }
    map(rgb, pixels, table);
  }

  static void contrast(byte[] rgb, int pixels, float factor) {
    long sum = 0;
    for (int i = 0, p = 0; i < pixels; i++, p += 3) {
      sum += luma(rgb, p);
    }
    int mean = (int) ((double) sum / pixels + 0.5);
    byte[] table = new byte[256];
    for (int v = 0; v < 256; v++) {
      table[v] = blend(mean, v, factor);
    }
    map(rgb, pixels, table);
  }

  static void saturation(byte[] rgb, int pixels, float factor) {
    for (int i = 0, p = 0; i < pixels; i++, p += 3) {
      int grey = luma(rgb, p);
      rgb[p] = blend(grey, rgb[p] & 0xFF, factor);
      rgb[p + 1] = blend(grey, rgb[p + 1] & 0xFF, factor);
      rgb[p + 2] = blend(grey, rgb[p + 2] & 0xFF, factor);
    }
  }

  /**
   * Turns the hue by {@code factor} of the circle, through 8-bit HSV.
   *
   * @param factor in [-0.5, 0.5]
   */
  static void hue(byte[] rgb, int pixels, double factor) {
    int shift = (int) (factor * 255) & 0xFF;
    for (int i = 0, p = 0; i < pixels; i++, p += 3) {
      turn(rgb, p, shift);
    }
  }

  private static void turn(byte[] rgb, int p, int shift) {
    int r = rgb[p] & 0xFF;
    int g = rgb[p + 1] & 0xFF;
    int b = rgb[p + 2] & 0xFF;
    int max = Math.max(r, Math.max(g, b));
    int min = Math.min(r, Math.min(g, b));
    if (max == min) {
      return;
    }
    float range = max - min;
    float rc = (max - r) / range;
    float gc = (max - g) / range;
    float bc = (max - b) / range;
    float h = r == max ? bc - gc : (float) (g == max ? 2.0 + rc - bc : 4.0 + gc - rc);
    float turns = (float) ((h / 6.0 + 1.0) % 1.0);
    int hue = ((int) (turns * 255.0) + shift) & 0xFF;
    float s = (int) (range / max * 255.0) / 255f;
    float sector = hue * 6 / 255f;
    int i = (int) sector;
    float f = sector - i;
    int low = round(max * (1 - s));
    int falling = round(max * (1 - s * f));
    int rising = round(max * (1 - s * (1 - f)));
    switch (i % 6) {
      case 0 -> put(rgb, p, max, rising, low);
      case 1 -> put(rgb, p, falling, max, low);
      case 2 -> put(rgb, p, low, max, rising);
      case 3 -> put(rgb, p, low, falling, max);
      case 4 -> put(rgb, p, rising, low, max);
      default -> put(rgb, p, max, low, falling);
    }
  }

  private static int round(float x) {
    return (int) (x + 0.5f);
  }

  private static void put(byte[] rgb, int p, int r, int g, int b) {
    rgb[p] = (byte) r;
    rgb[p + 1] = (byte) g;
    rgb[p + 2] = (byte) b;
  }

  /** ITU-R 601 luma on all three channels. */
  static void greyscale(byte[] rgb, int pixels) {
    for (int i = 0, p = 0; i < pixels; i++, p += 3) {
      byte grey = (byte) luma(rgb, p);
      rgb[p] = grey;
      rgb[p + 1] = grey;
      rgb[p + 2] = grey;
    }
  }

  /** Inverts levels from 128 on. */
  static void solarize(byte[] rgb, int pixels) {
    for (int i = 0; i < 3 * pixels; i++) {
      int v = rgb[i] & 0xFF;
      if (v >= SOLARIZE_FROM) {
        rgb[i] = (byte) (255 - v);
      }
    }
  }

  /** Mirrors left and right. */
  static void flip(byte[] rgb, int width, int height) {
    for (int y = 0; y < height; y++) {
      int left = 3 * y * width;
      int right = left + 3 * (width - 1);
      for (; left < right; left += 3, right -= 3) {
        for (int c = 0; c < 3; c++) {
          byte held = rgb[left + c];
          rgb[left + c] = rgb[right + c];
          rgb[right + c] = held;
        }
      }
    }
  }

  /** Gaussian blur, kernel 9, edges reflected; sides of at least 5 pixels. */
  void blur(byte[] rgb, int width, int height, double sigma) {
    float[] kernel = kernel(sigma);
    int rowFloats = 3 * width;
    if (rows.length < rowFloats * height) {
      rows = new float[rowFloats * height];
    }
    for (int y = 0; y < height; y++) {
      blurRow(rgb, y * rowFloats, width, kernel);
    }
    for (int y = 0; y < height; y++) {
      int at = y * rowFloats;
      for (int x = 0; x < rowFloats; x++) {
        float sum = 0.5f;
        for (int k = 0; k < BLUR_KERNEL; k++) {
          sum += kernel[k] * rows[reflect(y + k - RADIUS, height) * rowFloats + x];
        }
        rgb[at + x] = (byte) Math.min(255, (int) sum);
      }
    }
  }

  private void blurRow(byte[] rgb, int at, int width, float[] kernel) {
    for (int x = 0; x < width; x++) {
      float r = 0;
      float g = 0;
      float b = 0;
      for (int k = 0; k < BLUR_KERNEL; k++) {
        int p = at + 3 * reflect(x + k - RADIUS, width);
        r += kernel[k] * (rgb[p] & 0xFF);
        g += kernel[k] * (rgb[p + 1] & 0xFF);
        b += kernel[k] * (rgb[p + 2] & 0xFF);
      }
      rows[at + 3 * x] = r;
      rows[at + 3 * x + 1] = g;
      rows[at + 3 * x + 2] = b;
    }
  }

  private static int reflect(int i, int n) {
    int j = i < 0 ? -i : i;
    return j < n ? j : 2 * (n - 1) - j;
  }

  private static float[] kernel(double sigma) {
    double[] weights = new double[BLUR_KERNEL];
    double total = 0;
    for (int k = 0; k < BLUR_KERNEL; k++) {
      double x = (k - RADIUS) / sigma;
      weights[k] = StrictMath.exp(-0.5 * x * x);
      total += weights[k];
    }
    float[] kernel = new float[BLUR_KERNEL];
    for (int k = 0; k < BLUR_KERNEL; k++) {
      kernel[k] = (float) (weights[k] / total);
    }
    return kernel;
  }

  private static int luma(byte[] rgb, int p) {
    return ((rgb[p] & 0xFF) * 19595
            + (rgb[p + 1] & 0xFF) * 38470
            + (rgb[p + 2] & 0xFF) * 7471
            + 0x8000)
        >> 16;
  }

  /** base + factor * (value - base), cut to 8 bits and truncated. */
  private static byte blend(int base, int value, float factor) {
    float mixed = base + factor * (value - base);
    return (byte) (mixed <= 0 ? 0 : mixed >= 255 ? 255 : (int) mixed);
  }

  private static void map(byte[] rgb, int pixels, byte[] table) {
    for (int i = 0; i < 3 * pixels; i++) {
      rgb[i] = table[rgb[i] & 0xFF];
    }
  }
}
