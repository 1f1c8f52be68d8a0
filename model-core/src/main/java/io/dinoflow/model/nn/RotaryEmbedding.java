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
  private final Extent extent;
  private final double shift;
  private final double jitter;
  private final double rescale;

  RotaryEmbedding(BackboneRecipe.Vit vit) {
    this(
        vit.embedDim() / vit.numHeads(),
        periods(vit.posEmbedRopeBase(), vit.embedDim() / vit.numHeads()),
        Extent.SEPARATE,
        vit.posEmbedRopeShiftCoords(),
        vit.posEmbedRopeJitterCoords(),
        vit.posEmbedRopeRescaleCoords());
  }

  /**
   * @param periods headDim / 4 of them
   * @param shift,jitter,rescale limits of the draws; 0 turns one off
   */
  RotaryEmbedding(
      int headDim, float[] periods, Extent extent, double shift, double jitter, double rescale) {
    this.headDim = headDim;
    this.periods = periods.clone();
    this.extent = extent;
    this.shift = shift;
    this.jitter = jitter;
    this.rescale = rescale;
  }

  /** What [-1, 1] spans along an axis. */
  enum Extent {
    /** The axis itself: both axes have the whole range. */
    SEPARATE,
    /** The shorter axis: the longer one goes beyond. */
    MIN,
    /** The longer axis: the shorter one has a part. */
    MAX
  }

  /**
   * One draw of the training augmentations, height before width.
   *
   * @param shift added to coordinates
   * @param jitter then multiplied, for each axis its own
   * @param rescale then multiplied, for both the same
   */
  record Draws(float[] shift, float[] jitter, float rescale) {
    static Draws none() {
      return new Draws(new float[] {0, 0}, new float[] {1, 1}, 1);
    }
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

  /** headDim / 4 periods from {@code min} to {@code max}, each the same factor longer. */
  static float[] periodsBetween(double min, double max, int headDim) {
    float[] periods = new float[headDim / 4];
    for (int i = 0; i < periods.length; i++) {
      periods[i] = (float) (min * Math.pow(max / min, i / (periods.length - 1.0)));
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
    return table(scope, height, width, prefix, Draws.none());
  }

  /** The table with coordinates augmented by fresh draws. */
  Table augmented(TensorScope scope, int height, int width, int prefix, SeededRandom random) {
    return table(scope, height, width, prefix, draw(random));
  }

  Draws draw(SeededRandom random) {
    Draws draws = Draws.none();
    if (shift > 0) {
      draws.shift()[0] = (float) random.nextDouble(-shift, shift);
      draws.shift()[1] = (float) random.nextDouble(-shift, shift);
    }
    if (jitter > 0) {
      draws.jitter()[0] = logUniform(random, jitter);
      draws.jitter()[1] = logUniform(random, jitter);
    }
    return rescale > 0
        ? new Draws(draws.shift(), draws.jitter(), logUniform(random, rescale))
        : draws;
  }

  Table table(TensorScope scope, int height, int width, int prefix, Draws draws) {
    int tokens = prefix + height * width;
    float[] sin = new float[tokens * headDim];
    float[] cos = new float[tokens * headDim];
    java.util.Arrays.fill(cos, 0, prefix * headDim, 1f);
    int quarter = headDim / 4;
    for (int y = 0; y < height; y++) {
      float cy = coordinate(centre(y, span(height, width)), draws, 0);
      for (int x = 0; x < width; x++) {
        float cx = coordinate(centre(x, span(width, height)), draws, 1);
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
    return new Table(scope.create(sin, shape), scope.create(cos, shape));
  }

  private int span(int along, int across) {
    return switch (extent) {
      case SEPARATE -> along;
      case MIN -> Math.min(along, across);
      case MAX -> Math.max(along, across);
    };
  }

  private static float coordinate(float centre, Draws draws, int axis) {
    return (centre + draws.shift()[axis]) * draws.jitter()[axis] * draws.rescale();
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
