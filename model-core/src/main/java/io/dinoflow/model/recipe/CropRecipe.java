package io.dinoflow.model.recipe;

import java.util.List;

/**
 * Multi-crop augmentation.
 *
 * @param sizes one or more (global, local, gram) size triples with the ratio at which a step draws
 *     each; one triple before resolution scaling, several in it
 * @param globalCropsScale,localCropsScale share of the picture's area a crop covers, from and to
 * @param horizontalFlips whether a crop is mirrored with probability one half
 * @param colorJitter,grayscale,blur,solarize multipliers on the official probabilities: 1 keeps
 *     them, 0 turns the augmentation off
 */
public record CropRecipe(
    List<Size> sizes,
    List<Double> globalCropsScale,
    int localCropsNumber,
    List<Double> localCropsScale,
    boolean horizontalFlips,
    boolean gramTeacherNoDistortions,
    double colorJitter,
    double grayscale,
    double blur,
    double solarize,
    List<Double> rgbMean,
    List<Double> rgbStd) {

  /** Sides in pixels; {@code gram} is used only where a Gram teacher is. */
  public record Size(int global, int local, int gram, double ratio) {
    public Size {
      Check.within("global", global, 8, 4096);
      Check.within("local", local, 8, 4096);
      Check.within("gram", gram, 0, 8192);
      Check.within("ratio", ratio, 0, 1);
    }
  }

  public CropRecipe {
    sizes = List.copyOf(sizes);
    globalCropsScale = scale("global_crops_scale", globalCropsScale);
    localCropsScale = scale("local_crops_scale", localCropsScale);
    rgbMean = List.copyOf(rgbMean);
    rgbStd = List.copyOf(rgbStd);
    if (sizes.isEmpty()) {
      throw new IllegalArgumentException("crops.sizes is empty, must name at least one size");
    }
    Check.within("local_crops_number", localCropsNumber, 0, 64);
    if (rgbMean.size() != 3 || rgbStd.size() != 3) {
      throw new IllegalArgumentException("rgb_mean and rgb_std must have 3 entries each");
    }
    for (int i = 0; i < rgbStd.size(); i++) {
      Check.above("rgb_std[" + i + "]", rgbStd.get(i), 0);
    }
  }

  private static List<Double> scale(String field, List<Double> range) {
    if (range.size() != 2 || range.get(0) <= 0 || range.get(0) > range.get(1) || range.get(1) > 1) {
      throw new IllegalArgumentException(
          "%s is %s, must be [from, to] with 0 < from <= to <= 1".formatted(field, range));
    }
    return List.copyOf(range);
  }
}
