package io.dinoflow.model.data;

/**
 * Turns the hue of packed 8-bit RGB through 8-bit HSV, level by level as PIL does (pixels of {@code
 * golden/transforms}).
 *
 * <p>What the three divisions of a pixel give is looked up: there are few thousand cases, and
 * divisions are what takes time. The sixth of the circle selects bits of a word, where a branch
 * would often be guessed wrong.
 */
final class HueCircle {
  private static final int LEVELS = 256;
  private static final int SIXTHS = 6;

  /** Hue by where the pixel lies: its sixth, highest less lowest, highest less middle level. */
  private static final byte[] HUES = new byte[SIXTHS * LEVELS * LEVELS];

  /** Saturation by the highest level, and highest less lowest. */
  private static final byte[] SATURATIONS = new byte[LEVELS * LEVELS];

  /** An 8-bit number as a part of one. */
  private static final float[] PARTS = new float[LEVELS];

  /** How far a hue lies into its sixth. */
  private static final float[] FRACTIONS = new float[LEVELS];

  /**
   * For a hue, the bit at which red, green and blue (a byte each, red lowest) begin in a word of
   * highest, lowest, falling and rising level.
   */
  private static final int[] PLACES = new int[LEVELS];

  static {
    int highest = 0;
    int lowest = 8;
    int falling = 16;
    int rising = 24;
    int[] bySixth = {
      places(highest, rising, lowest),
      places(falling, highest, lowest),
      places(lowest, highest, rising),
      places(lowest, falling, highest),
      places(rising, lowest, highest),
      places(highest, lowest, falling)
    };
    for (int hue = 0; hue < LEVELS; hue++) {
      float sixth = hue * SIXTHS / 255f;
      PARTS[hue] = hue / 255f;
      FRACTIONS[hue] = sixth - (int) sixth;
      PLACES[hue] = bySixth[(int) sixth % SIXTHS];
    }
    for (int range = 1; range < LEVELS; range++) {
      for (int highestLevel = range; highestLevel < LEVELS; highestLevel++) {
        SATURATIONS[highestLevel * LEVELS + range] =
            (byte) (int) ((float) range / highestLevel * 255.0);
      }
      for (int sixth = 0; sixth < SIXTHS; sixth++) {
        for (int below = 0; below <= range; below++) {
          HUES[(sixth * LEVELS + range) * LEVELS + below] = hue(sixth, below / (float) range);
        }
      }
    }
  }

  private HueCircle() {}

  private static int places(int red, int green, int blue) {
    return red | green << 8 | blue << 16;
  }

  /**
   * @param below how far the middle level is below the highest, as a part of the lowest's distance
   */
  private static byte hue(int sixth, float below) {
    double sixths = sixth % 2 == 0 ? sixth + 1.0 - below : sixth + (double) below;
    // Kept as a float between the operations, as PIL does; the last sixth begins below zero.
    float signed = (float) (sixth == SIXTHS - 1 ? sixths - SIXTHS : sixths);
    float turns = (float) ((signed / 6.0 + 1.0) % 1.0);
    return (byte) (int) (turns * 255.0);
  }

  /**
   * Turns the first {@code pixels} pixels in place by {@code factor} of the circle.
   *
   * @param factor in [-0.5, 0.5]
   */
  static void turn(byte[] rgb, int pixels, double factor) {
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
    int range = max - min;
    int middle = r + g + b - max - min;
    int sixth = sixth(r, g, b, max, min);
    int hue = HUES[(sixth * LEVELS + range) * LEVELS + max - middle] + shift & 0xFF;
    float s = PARTS[SATURATIONS[max * LEVELS + range] & 0xFF];
    float f = FRACTIONS[hue];
    int low = round(max * (1 - s));
    int falling = round(max * (1 - s * f));
    int rising = round(max * (1 - s * (1 - f)));
    int levels = max | low << 8 | falling << 16 | rising << 24;
    int places = PLACES[hue];
    // A shift looks at five bits only, so red's place needs no mask.
    rgb[p] = (byte) (levels >> places);
    rgb[p + 1] = (byte) (levels >> (places >> 8));
    rgb[p + 2] = (byte) (levels >> (places >> 16));
  }

  /** From red over yellow, green, cyan, blue and magenta back to red. */
  private static int sixth(int r, int g, int b, int max, int min) {
    if (r == max) {
      return b == min ? 0 : 5;
    }
    if (g == max) {
      return b == min ? 1 : 2;
    }
    return r == min ? 3 : 4;
  }

  private static int round(float level) {
    return (int) (level + 0.5f);
  }
}
