package io.dinoflow.model.eval;

import io.dinoflow.model.data.RgbImage;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/** Pictures as PNG files; equal pictures give equal bytes. */
final class Png {
  private Png() {}

  /** Writes {@code folder/name}; returns the name. */
  static String write(RgbImage image, Path folder, String name) throws IOException {
    BufferedImage pixels =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    byte[] rgb = image.rgb();
    for (int y = 0, i = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++, i += 3) {
        pixels.setRGB(x, y, (rgb[i] & 0xFF) << 16 | (rgb[i + 1] & 0xFF) << 8 | (rgb[i + 2] & 0xFF));
      }
    }
    if (!ImageIO.write(pixels, "png", folder.resolve(name).toFile())) {
      throw new IOException("this Java writes no PNG");
    }
    return name;
  }
}
