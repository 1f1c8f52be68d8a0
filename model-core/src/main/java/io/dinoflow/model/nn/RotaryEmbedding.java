package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.TensorScope;

/**
 * Axial rotary position embedding (DINOv3, section 3.1): each patch's centre, in [-1, 1] along both
 * axes, turned into angles 2 pi coordinate / period.
 *
 * <p>Tables cover the prefix tokens too, with sine 0 and cosine 1, so that no slicing is needed. A
 * head's vector holds [height angles, width angles] and the same again; element i is paired with i
 * + headDim / 2.
 */
final class RotaryEmbedding {
  private final int headDim;
  private final float[] periods;
  private final double shift;
  private final double jitter;
  private final double rescale;

  RotaryEmbedding(BackboneRecipe.Vit vit) {
    this.headDim = vit.embedDim() / vit.numHeads();
    this.periods = periods(vit.posEmbedRopeBase(), headDim);
    this.shift = vit.posEmbedRopeShiftCoords();
    this.jitter = vit.posEmbedRopeJitterCoords();
    this.rescale = vit.posEmbedRopeRescaleCoords();
  }

  /** Sine and cosine, each (prefix + height * width, headDim). */
  record Table(NDArray sin, NDArray cos) {}

  /** base^(2i / (headDim / 2)) for i below headDim / 4. */
  static float[] periods(double base, int headDim) {
    float[] periods = new float[headDim / 4];
    for (int i = 0; i < periods.length; i++) {
      periods[i] = (float) Math.pow((float) base, 2f * i / (headDim / 2));
    }
    return periods;
  }

  float[] periods() {
    return periods.clone();
  }

  boolean augments() {
    return shift > 0 || jitter > 0 || rescale > 0;
  }

  /** The table without augmentation. */
  Table table(TensorScope scope, int height, int width, int prefix) {
    return table(scope, height, width, prefix, new float[] {0, 0}, new float[] {1, 1});
  }

  /** The table with coordinates shifted, jittered and rescaled, in that order. */
  Table augmented(TensorScope scope, int height, int width, int prefix, SeededRandom random) {
    float[] offset = {0, 0};
    float[] factor = {1, 1};
    if (shift > 0) {
      offset[0] = (float) random.nextDouble(-shift, shift);
      offset[1] = (float) random.nextDouble(-shift, shift);
    }
    if (jitter > 0) {
      factor[0] = logUniform(random, jitter);
      factor[1] = logUniform(random, jitter);
    }
    if (rescale > 0) {
      float both = logUniform(random, rescale);
      factor[0] *= both;
      factor[1] *= both;
    }
    return table(scope, height, width, prefix, offset, factor);
  }

  private Table table(
      TensorScope scope, int height, int width, int prefix, float[] offset, float[] factor) {
    int tokens = prefix + height * width;
    float[] sin = new float[tokens * headDim];
    float[] cos = new float[tokens * headDim];
    java.util.Arrays.fill(cos, 0, prefix * headDim, 1f);
    int quarter = headDim / 4;
    for (int y = 0; y < height; y++) {
      float cy = (centre(y, height) + offset[0]) * factor[0];
      for (int x = 0; x < width; x++) {
        float cx = (centre(x, width) + offset[1]) * factor[1];
        int row = (prefix + y * width + x) * headDim;
        for (int i = 0; i < quarter; i++) {
          put(sin, cos, row + i, cy, periods[i]);
          put(sin, cos, row + quarter + i, cx, periods[i]);
        }
        System.arraycopy(sin, row, sin, row + 2 * quarter, 2 * quarter);
        System.arraycopy(cos, row, cos, row + 2 * quarter, 2 * quarter);
      }
    }
    Shape shape = new Shape(tokens, headDim);
    return new Table(scope.manager().create(sin, shape), scope.manager().create(cos, shape));
  }

  private static float centre(int index, int count) {
    return 2f * ((index + 0.5f) / count) - 1f;
  }

  private static void put(float[] sin, float[] cos, int at, float coordinate, float period) {
    float angle = (float) (2 * Math.PI) * coordinate / period;
    sin[at] = (float) Math.sin(angle);
    cos[at] = (float) Math.cos(angle);
  }

  private static float logUniform(SeededRandom random, double limit) {
    return (float) Math.exp(random.nextDouble(-Math.log(limit), Math.log(limit)));
  }
}
