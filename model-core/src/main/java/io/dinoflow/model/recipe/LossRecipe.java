package io.dinoflow.model.recipe;

import java.util.List;

/**
 * Weights of the losses and the masking they need.
 *
 * @param dinoLocalLossWeight weight of the local crops' DINO loss over the track's steps; constant
 *     1 before Gram anchoring
 * @param koleoGroupSize rows of a crop among which KoLeo searches the nearest neighbour; 0 for all
 *     of the crop
 * @param maskSampleProbability share of the global crops that are masked
 * @param maskRatioMinMax share of a masked crop's patches, from and to
 */
public record LossRecipe(
    double dinoLossWeight,
    Schedule dinoLocalLossWeight,
    boolean globalIgnoreDiagonal,
    double koleoLossWeight,
    int koleoGroupSize,
    double ibotLossWeight,
    double maskSampleProbability,
    List<Double> maskRatioMinMax) {
  public LossRecipe {
    Check.atLeast("dino_loss_weight", dinoLossWeight, 0);
    Check.atLeast("koleo_loss_weight", koleoLossWeight, 0);
    if (koleoGroupSize != 0) {
      Check.atLeast("koleo_group_size", koleoGroupSize, 2);
    }
    Check.atLeast("ibot_loss_weight", ibotLossWeight, 0);
    Check.within("mask_sample_probability", maskSampleProbability, 0, 1);
    maskRatioMinMax = List.copyOf(maskRatioMinMax);
    if (maskRatioMinMax.size() != 2
        || !(maskRatioMinMax.get(0) >= 0)
        || !(maskRatioMinMax.get(0) <= maskRatioMinMax.get(1))
        || !(maskRatioMinMax.get(1) <= 1)) {
      throw new IllegalArgumentException(
          "mask_ratio_min_max is %s, must be [from, to] with 0 <= from <= to <= 1"
              .formatted(maskRatioMinMax));
    }
  }

  /** Groups must not straddle crops. */
  void checkBatch(String field, int batchSize) {
    if (koleoLossWeight > 0 && koleoGroupSize > 0) {
      Check.multiple(field, batchSize, koleoGroupSize);
    }
  }
}
