package io.dinoflow.model.data;

/**
 * A decoded picture: packed rows of unsigned 8-bit red, green, blue.
 *
 * <p>Whoever made it hands it over: the bytes are not written after construction, so that threads
 * may share it without copies.
 *
 * @param rgb height x width x 3 bytes
 */
public record RgbImage(int width, int height, byte[] rgb) {
  public RgbImage {
    if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
      throw new IllegalArgumentException(
          "a %dx%d picture needs %d bytes, got %d"
              .formatted(width, height, 3L * width * height, rgb.length));
    }
  }

  /** The whole picture at another size, antialiased; the aspect is not kept. */
  public RgbImage resized(int toWidth, int toHeight) {
    byte[] out = new byte[3 * toWidth * toHeight];
    new Resampler(Resampler.Arithmetic.PIL)
        .resize(rgb, width, Box.whole(this), out, toWidth, toHeight);
    return new RgbImage(toWidth, toHeight, out);
  }
}
