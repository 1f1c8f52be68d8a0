package io.dinoflow.model.data;

import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import java.util.List;

/**
 * Turns 8-bit values into network input: value / 255, minus the channel's mean, over its deviation.
 */
public final class Normalisation {

  /** The statistics of ImageNet, which every official model expects. */
  public static final Normalisation IMAGENET =
      new Normalisation(List.of(0.485, 0.456, 0.406), List.of(0.229, 0.224, 0.225));

  private static final int LEVELS = 256;

  private final float[][] table = new float[3][LEVELS];

  public Normalisation(List<Double> mean, List<Double> std) {
    for (int c = 0; c < 3; c++) {
      float m = mean.get(c).floatValue();
      float s = std.get(c).floatValue();
      for (int v = 0; v < LEVELS; v++) {
        table[c][v] = (v / 255f - m) / s;
      }
    }
  }

  public static Normalisation of(CropRecipe crops) {
    return new Normalisation(crops.rgbMean(), crops.rgbStd());
  }

  public static Normalisation of(PipelineRecipe.VisionTower tower) {
    return new Normalisation(tower.rgbMean(), tower.rgbStd());
  }

  /**
   * Writes height x width x 3 levels as 3 x height x width floats.
   *
   * @param rgb at least 3 * pixels bytes
   * @param out receives 3 * pixels floats from {@code offset} on, its position unchanged
   */
  void write(byte[] rgb, int pixels, float[] scratch, java.nio.FloatBuffer out, int offset) {
    float[] red = table[0];
    float[] green = table[1];
    float[] blue = table[2];
    for (int i = 0, j = 0; i < pixels; i++, j += 3) {
      scratch[i] = red[rgb[j] & 0xFF];
      scratch[pixels + i] = green[rgb[j + 1] & 0xFF];
      scratch[2 * pixels + i] = blue[rgb[j + 2] & 0xFF];
    }
    out.put(offset, scratch, 0, 3 * pixels);
  }

  /** The normalised value of a level of a channel. */
  float value(int channel, int level) {
    return table[channel][level];
  }
}
