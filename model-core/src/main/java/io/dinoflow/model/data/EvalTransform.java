package io.dinoflow.model.data;

import java.nio.FloatBuffer;

/**
 * The transform of evaluations: shorter side to {@code resize} (antialiased bicubic on 8-bit
 * levels), centre crop of {@code crop}, normalise. Nothing is random. Thread-safe.
 */
public final class EvalTransform {

  private final int resize;
  private final int crop;
  private final Normalisation normalisation;

  public EvalTransform(int resize, int crop, Normalisation normalisation) {
    if (crop < 1 || crop > resize) {
      throw new IllegalArgumentException(
          "crop is %d, must be from 1 to the resized shorter side %d".formatted(crop, resize));
    }
    this.resize = resize;
    this.crop = crop;
    this.normalisation = normalisation;
  }

  /** The whole shorter side: resized to {@code side} and cropped to a square of it. */
  public static EvalTransform square(int side, Normalisation normalisation) {
    return new EvalTransform(side, side, normalisation);
  }

  /** Side of the square that comes out. */
  public int side() {
    return crop;
  }

  /** 8-bit pixels of the square, before normalisation: what people look at. */
  public RgbImage pixels(RgbImage image) {
    boolean portrait = image.width() <= image.height();
    int w = portrait ? resize : (int) ((long) resize * image.width() / image.height());
    int h = portrait ? (int) ((long) resize * image.height() / image.width()) : resize;
    byte[] resized = new byte[3 * w * h];
    new Resampler(Resampler.Arithmetic.TORCHVISION)
        .resize(image.rgb(), image.width(), Box.whole(image), resized, w, h);
    if (w == crop && h == crop) {
      return new RgbImage(w, h, resized);
    }
    int left = (int) Math.rint((w - crop) / 2.0);
    int top = (int) Math.rint((h - crop) / 2.0);
    byte[] square = new byte[3 * crop * crop];
    for (int y = 0; y < crop; y++) {
      System.arraycopy(resized, 3 * ((top + y) * w + left), square, 3 * y * crop, 3 * crop);
    }
    return new RgbImage(crop, crop, square);
  }

  /** (3, S, S), normalised. */
  public float[] apply(RgbImage image) {
    float[] chw = new float[3 * crop * crop];
    write(image, chw, FloatBuffer.wrap(chw), 0);
    return chw;
  }

  /** Writes (3, S, S) normalised floats at {@code offset} of {@code out}, whose position stays. */
  public void into(RgbImage image, FloatBuffer out, int offset) {
    write(image, new float[3 * crop * crop], out, offset);
  }

  private void write(RgbImage image, float[] scratch, FloatBuffer out, int offset) {
    normalisation.write(pixels(image).rgb(), crop * crop, scratch, out, offset);
  }
}
