package io.dinoflow.model.tensor;

import io.dinoflow.model.recipe.ComputeRecipe.NumberFormat;

/** Format of matrix products; all else stays fp32. */
public enum Precision {
  FP32,
  BF16;

  public static Precision of(NumberFormat format) {
    return format == NumberFormat.bf16 ? BF16 : FP32;
  }
}
