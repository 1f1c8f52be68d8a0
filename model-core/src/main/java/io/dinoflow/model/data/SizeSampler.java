package io.dinoflow.model.data;

import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.List;

/** Draws the crop sizes of a step with the recipe's ratios: a function of (seed, step). */
public final class SizeSampler {

  private final long seed;
  private final List<CropRecipe.Size> sizes;
  private final double total;

  public SizeSampler(long seed, List<CropRecipe.Size> sizes) {
    this.seed = seed;
    this.sizes = List.copyOf(sizes);
    this.total = sizes.stream().mapToDouble(CropRecipe.Size::ratio).sum();
  }

  public CropRecipe.Size size(long step) {
    if (sizes.size() == 1) {
      return sizes.get(0);
    }
    if (!(total > 0)) {
      throw new IllegalArgumentException("the ratios of crops.sizes sum to 0, must be above 0");
    }
    double left = SeededRandom.of(seed, Purpose.SIZE, step).nextDouble() * total;
    for (CropRecipe.Size size : sizes) {
      left -= size.ratio();
      if (left < 0) {
        return size;
      }
    }
    return sizes.get(sizes.size() - 1);
  }
}
