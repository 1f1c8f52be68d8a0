package io.dinoflow.model.recipe;

import java.util.List;

/**
 * Weights of the losses and the masking they need.
 *
 * @param dinoLocalLossWeight weight of the local crops' DINO loss over the track's steps; constant
 *     1 before Gram anchoring
 * @param maskSampleProbability share of the global crops that are masked
 * @param maskRatioMinMax share of a masked crop's patches, from and to
 */
public record LossRecipe(
    double dinoLossWeight,
    Schedule dinoLocalLossWeight,
    boolean globalIgnoreDiagonal,
    double koleoLossWeight,
    double ibotLossWeight,
    double maskSampleProbability,
    List<Double> maskRatioMinMax) {
  public LossRecipe {
    Check.atLeast("dino_loss_weight", dinoLossWeight, 0);
    Check.atLeast("koleo_loss_weight", koleoLossWeight, 0);
    Check.atLeast("ibot_loss_weight", ibotLossWeight, 0);
    Check.within("mask_sample_probability", maskSampleProbability, 0, 1);
    maskRatioMinMax = List.copyOf(maskRatioMinMax);
    if (maskRatioMinMax.size() != 2) {
      throw new IllegalArgumentException(
          "mask_ratio_min_max is %s, must be [from, to]".formatted(maskRatioMinMax));
    }
  }
}
