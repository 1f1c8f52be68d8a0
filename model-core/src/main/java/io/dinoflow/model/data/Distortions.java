package io.dinoflow.model.data;

/**
 * The photometric operations of the official augmentation on packed 8-bit RGB, level by level as
 * PIL computes them (pixels of {@code golden/transforms}).
 *
 * <p>Works in place on the first {@code pixels} pixels of a buffer.
 */
final class Distortions {

  private static final int SOLARIZE_FROM = 128;
  private static final int LEVELS = 256;

  private Distortions() {}

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
    float[] scaled = new float[2 * LEVELS];
    for (int d = 0; d < scaled.length; d++) {
      scaled[d] = factor * (d - LEVELS);
    }
    for (int i = 0, p = 0; i < pixels; i++, p += 3) {
      int grey = luma(rgb, p);
      int zero = LEVELS - grey;
      rgb[p] = cut(grey + scaled[zero + (rgb[p] & 0xFF)]);
      rgb[p + 1] = cut(grey + scaled[zero + (rgb[p + 1] & 0xFF)]);
      rgb[p + 2] = cut(grey + scaled[zero + (rgb[p + 2] & 0xFF)]);
    }
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

  private static int luma(byte[] rgb, int p) {
    return ((rgb[p] & 0xFF) * 19595
            + (rgb[p + 1] & 0xFF) * 38470
            + (rgb[p + 2] & 0xFF) * 7471
            + 0x8000)
        >> 16;
  }

  /** base + factor * (value - base), cut to 8 bits and truncated. */
  private static byte blend(int base, int value, float factor) {
    return cut(base + factor * (value - base));
  }

  private static byte cut(float level) {
    return (byte) (level <= 0 ? 0 : level >= 255 ? 255 : (int) level);
  }

  private static void map(byte[] rgb, int pixels, byte[] table) {
    for (int i = 0; i < 3 * pixels; i++) {
      rgb[i] = table[rgb[i] & 0xFF];
    }
  }
}
