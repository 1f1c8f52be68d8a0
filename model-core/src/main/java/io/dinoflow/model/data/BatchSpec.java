package io.dinoflow.model.data;

import io.dinoflow.model.recipe.CropRecipe;
import java.util.List;

/**
 * What a multi-crop batch is a function of, besides the dataset and the step.
 *
 * @param patchSize pixels of a patch's side: a crop's side over it is the mask grid's
 * @param maskSampleProbability share of the 2B global rows that are masked; 0 masks none
 * @param maskRatioMinMax share of a masked row's patches, from and to
 */
public record BatchSpec(
    long seed,
    int batchSize,
    CropRecipe crops,
    GramCrops gramCrops,
    int patchSize,
    double maskSampleProbability,
    List<Double> maskRatioMinMax) {

  /** Whether a Gram teacher wants its crops. */
  public enum GramCrops {
    NONE,
    MADE
  }

  public BatchSpec {
    maskRatioMinMax = List.copyOf(maskRatioMinMax);
    for (CropRecipe.Size size : crops.sizes()) {
      if (size.global() % patchSize != 0) {
        throw new IllegalArgumentException(
            "global crop size %d is no multiple of the patch size %d"
                .formatted(size.global(), patchSize));
      }
      if (gramCrops == GramCrops.MADE && size.gram() == 0) {
        throw new IllegalArgumentException(
            "crops.sizes has gram 0, but a Gram teacher needs its crop size");
      }
    }
  }
}
