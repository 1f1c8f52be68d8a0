package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class CropResizerTest {
  private final CropResizer resizer = new CropResizer();

  @Test
  void boxesHaveTheBytesOfTheResampler() {
    RgbImage wide = picture(90, 40, 1);
    RgbImage high = picture(33, 71, 2);
    // In turns, so that lines kept of one picture would show in the other.
    for (int i = 0; i < 200; i++) {
      RgbImage image = i % 2 == 0 ? wide : high;
      SeededRandom random = SeededRandom.of(3, Purpose.CROP, i);
      Box box = Box.random(image.width(), image.height(), List.of(0.01, 1.0), random);
      compare(image, box, 1 + random.nextInt(48), 1 + random.nextInt(48));
    }
    compare(wide, Box.whole(wide), 90, 40);
    compare(high, new Box(32, 70, 1, 1), 5, 5);
  }

  @Test
  void aPictureTooLargeToBeKeptAsIntsHasTheSameBytes() {
    RgbImage large = picture(CropResizer.PIXELS_MAX / 512 + 1, 512, 4);
    compare(large, new Box(11, 7, 300, 200), 24, 16);
  }

  private void compare(RgbImage image, Box box, int w, int h) {
    byte[] ours = new byte[3 * w * h];
    resizer.resize(image, box, ours, w, h);
    byte[] plain = new byte[3 * w * h];
    new Resampler(Resampler.Arithmetic.PIL).resize(image.rgb(), image.width(), box, plain, w, h);
    assertThat(Arrays.equals(ours, plain))
        .as("%s of %dx%d to %dx%d", box, image.width(), image.height(), w, h)
        .isTrue();
  }

  /** Black and white mostly: weights below zero then reach beyond both ends of the levels. */
  private static RgbImage picture(int width, int height, long seed) {
    SeededRandom random = SeededRandom.of(seed, Purpose.SAMPLE);
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      int draw = random.nextInt(1024);
      rgb[i] = (byte) (draw < 256 ? draw : draw < 640 ? 0 : 255);
    }
    return new RgbImage(width, height, rgb);
  }
}
