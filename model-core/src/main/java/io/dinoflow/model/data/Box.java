package io.dinoflow.model.data;

import io.dinoflow.model.tensor.SeededRandom;
import java.util.List;

/** A rectangle of a picture, in pixels. */
public record Box(int left, int top, int width, int height) {

  private static final int TRIES = 10;
  private static final double RATIO_MIN = 3.0 / 4;
  private static final double RATIO_MAX = 4.0 / 3;

  public static Box whole(RgbImage image) {
    return new Box(0, 0, image.width(), image.height());
  }

  /**
   * The box of RandomResizedCrop: an area uniform in {@code scale} of the picture's, a width to
   * height ratio log-uniform in 3/4 to 4/3; after ten boxes that stick out, the centred largest box
   * within the ratios.
   *
   * @param scale share of the area, from and to
   */
  public static Box random(int width, int height, List<Double> scale, SeededRandom random) {
    double area = (double) width * height;
    double logMin = StrictMath.log(RATIO_MIN);
    double logMax = StrictMath.log(RATIO_MAX);
    for (int i = 0; i < TRIES; i++) {
      double target = area * random.nextDouble(scale.get(0), scale.get(1));
      double ratio = StrictMath.exp(random.nextDouble(logMin, logMax));
      int w = (int) Math.rint(Math.sqrt(target * ratio));
      int h = (int) Math.rint(Math.sqrt(target / ratio));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        int top = random.nextInt(height - h + 1);
        int left = random.nextInt(width - w + 1);
        return new Box(left, top, w, h);
      }
    }
    double ratio = (double) width / height;
    int w = ratio > RATIO_MAX ? (int) Math.rint(height * RATIO_MAX) : width;
    int h = ratio < RATIO_MIN ? (int) Math.rint(width / RATIO_MIN) : height;
    return new Box((width - w) / 2, (height - h) / 2, w, h);
  }
}
