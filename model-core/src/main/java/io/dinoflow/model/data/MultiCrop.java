package io.dinoflow.model.data;

import io.dinoflow.model.data.BatchSpec.GramCrops;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.nio.FloatBuffer;

/**
 * Multi-crop augmentation of one picture, in the official order: random resized crop, flip, colour
 * jitter, grayscale, blur, solarize (second global crop only), normalise.
 *
 * <p>Blur has the probabilities that the official code really has: 0 for the first global crop, 0.9
 * for the second, 0.5 for local ones (its class hands 1 - p on). A crop is a function of (seed,
 * step, row, view). Gram crops show the same box as their global crop: undistorted where {@code
 * gram_teacher_no_distortions}, else distorted once at the larger size and resized as floats.
 * Scratch memory is kept, so one thread uses one instance.
 */
public final class MultiCrop {

  /** Global crops of a picture. */
  public static final int GLOBALS = 2;

  private static final double JITTER = 0.8;
  private static final double GRAYSCALE = 0.2;
  private static final double SOLARIZE = 0.2;
  private static final double BLUR_SECOND_GLOBAL = 0.9;
  private static final double BLUR_LOCAL = 0.5;
  private static final double BLUR_SIGMA_MIN = 0.1;
  private static final double BLUR_SIGMA_MAX = 2;
  private static final double BRIGHTNESS = 0.4;
  private static final double CONTRAST = 0.4;
  private static final double SATURATION = 0.2;
  private static final double HUE = 0.1;

  private final long seed;
  private final CropRecipe recipe;
  private final GramCrops gramCrops;
  private final Normalisation normalisation;
  private final Resampler resampler = new Resampler(Resampler.Arithmetic.PIL);
  private final CropResizer resizer = new CropResizer();
  private final GaussianBlur blur = new GaussianBlur();
  private byte[] base = new byte[0];
  private byte[] work = new byte[0];
  private float[] floats = new float[0];
  private float[] resized = new float[0];

  public MultiCrop(long seed, CropRecipe recipe, GramCrops gramCrops) {
    this.seed = seed;
    this.recipe = recipe;
    this.gramCrops = gramCrops;
    this.normalisation = Normalisation.of(recipe);
  }

  /** Views of a picture: global crops first, then local ones. */
  public int views() {
    return GLOBALS + recipe.localCropsNumber();
  }

  /**
   * Writes one global crop, and its Gram crop where those are made.
   *
   * @param view 0 or 1
   * @param offset,gramOffset where (3, H, W) floats go in {@code out} and {@code gramOut}
   */
  void global(
      RgbImage image,
      CropRecipe.Size size,
      long step,
      int row,
      int view,
      FloatBuffer out,
      int offset,
      FloatBuffer gramOut,
      int gramOffset) {
    int side = size.global();
    boolean gram = gramCrops == GramCrops.MADE;
    int baseSide = gram ? Math.max(side, size.gram()) : side;
    reserve(baseSide);
    crop(image, recipe.globalCropsScale(), baseSide, step, row, view);
    if (gram && recipe.gramTeacherNoDistortions()) {
      shrink(base, baseSide, size.gram());
      normalised(work, size.gram(), gramOut, gramOffset);
    }
    if (!gram || recipe.gramTeacherNoDistortions()) {
      shrink(base, baseSide, side);
      distort(work, side, step, row, view);
      normalised(work, side, out, offset);
      return;
    }
    distort(base, baseSide, step, row, view);
    normalised(base, baseSide, FloatBuffer.wrap(floats), 0);
    shrinkFloats(baseSide, side, out, offset);
    shrinkFloats(baseSide, size.gram(), gramOut, gramOffset);
  }

  /**
   * Writes one local crop.
   *
   * @param view from 2 on
   */
  void local(
      RgbImage image,
      CropRecipe.Size size,
      long step,
      int row,
      int view,
      FloatBuffer out,
      int offset) {
    reserve(size.local());
    crop(image, recipe.localCropsScale(), size.local(), step, row, view);
    distort(base, size.local(), step, row, view);
    normalised(base, size.local(), out, offset);
  }

  /** The random box, resized and perhaps mirrored, in {@code base}. */
  private void crop(
      RgbImage image, java.util.List<Double> scale, int side, long step, int row, int view) {
    SeededRandom random = SeededRandom.of(seed, Purpose.CROP, step, row, view);
    Box box = Box.random(image.width(), image.height(), scale, random);
    resizer.resize(image, box, base, side, side);
    if (random.nextBoolean(0.5) && recipe.horizontalFlips()) {
      Distortions.flip(base, side, side);
    }
  }

  private void distort(byte[] rgb, int side, long step, int row, int view) {
    SeededRandom random = SeededRandom.of(seed, Purpose.COLOUR, step, row, view);
    int pixels = side * side;
    if (random.nextBoolean(JITTER * recipe.colorJitter())) {
      jitter(rgb, pixels, random);
    }
    if (random.nextBoolean(GRAYSCALE * recipe.grayscale())) {
      Distortions.greyscale(rgb, pixels);
    }
    if (random.nextBoolean(blurProbability(view) * recipe.blur())) {
      blur.blur(rgb, side, side, random.nextDouble(BLUR_SIGMA_MIN, BLUR_SIGMA_MAX));
    }
    if (view == 1 && random.nextBoolean(SOLARIZE * recipe.solarize())) {
      Distortions.solarize(rgb, pixels);
    }
  }

  static double blurProbability(int view) {
    return view == 0 ? 0 : view == 1 ? BLUR_SECOND_GLOBAL : BLUR_LOCAL;
  }

  private static void jitter(byte[] rgb, int pixels, SeededRandom random) {
    int[] order = random.permutation(4);
    float brightness = (float) random.nextDouble(1 - BRIGHTNESS, 1 + BRIGHTNESS);
    float contrast = (float) random.nextDouble(1 - CONTRAST, 1 + CONTRAST);
    float saturation = (float) random.nextDouble(1 - SATURATION, 1 + SATURATION);
    double hue = random.nextDouble(-HUE, HUE);
    for (int operation : order) {
      switch (operation) {
        case 0 -> Distortions.brightness(rgb, pixels, brightness);
        case 1 -> Distortions.contrast(rgb, pixels, contrast);
        case 2 -> Distortions.saturation(rgb, pixels, saturation);
        default -> HueCircle.turn(rgb, pixels, hue);
      }
    }
  }

  private void shrink(byte[] from, int fromSide, int side) {
    if (fromSide == side) {
      System.arraycopy(from, 0, work, 0, 3 * side * side);
    } else {
      resampler.resize(from, fromSide, new Box(0, 0, fromSide, fromSide), work, side, side);
    }
  }

  private void shrinkFloats(int fromSide, int side, FloatBuffer out, int offset) {
    if (fromSide == side) {
      out.put(offset, floats, 0, 3 * side * side);
    } else {
      resampler.resize(floats, fromSide, fromSide, resized, side, side);
      out.put(offset, resized, 0, 3 * side * side);
    }
  }

  private void normalised(byte[] rgb, int side, FloatBuffer out, int offset) {
    normalisation.write(rgb, side * side, floats, out, offset);
  }

  private void reserve(int side) {
    int values = 3 * side * side;
    if (base.length < values) {
      base = new byte[values];
      work = new byte[values];
      floats = new float[values];
      resized = new float[values];
    }
  }
}
