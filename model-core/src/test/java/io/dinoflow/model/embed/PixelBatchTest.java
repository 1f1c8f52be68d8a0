package io.dinoflow.model.embed;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.hub.Preprocessing;
import io.dinoflow.model.kernel.Resize;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PixelBatchTest {

  @BeforeEach
  void prepare() {
    TorchKernels.prepareThread(1);
  }

  @ParameterizedTest
  @CsvSource({"400, 300, 224", "300, 401, 224", "37, 91, 16", "7, 5, 32", "64, 64, 64", "1, 1, 8"})
  void levelsAreThoseOfAFloatMapToTheLastBit(int width, int height, int side) {
    RgbImage image = noise(width, height);
    Preprocessing preprocessing = Preprocessing.IMAGENET.withSide(side);
    PixelBatch batch = new PixelBatch(1, preprocessing);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      batch.add(scope, "noise", image);
      float[] made = new float[3 * side * side];
      batch.pixels().get(made);
      assertThat(made).containsExactly(expected(scope, image, preprocessing));
    }
  }

  @Test
  void picturesLieOneBehindTheOther() {
    PixelBatch batch = new PixelBatch(3, Preprocessing.IMAGENET.withSide(4));
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      RgbImage first = noise(9, 6);
      RgbImage second = noise(5, 8);
      batch.add(scope, "first", first);
      batch.add(scope, "second", second);
      FloatBuffer pixels = batch.pixels();
      assertThat(pixels.remaining()).isEqualTo(2 * 3 * 4 * 4);
      float[] made = new float[3 * 4 * 4];
      pixels.get(made);
      assertThat(made).containsExactly(expected(scope, first, Preprocessing.IMAGENET.withSide(4)));
      pixels.get(made);
      assertThat(made).containsExactly(expected(scope, second, Preprocessing.IMAGENET.withSide(4)));
    }
    assertThat(batch.names()).containsExactly("first", "second");
  }

  private static float[] expected(TensorScope scope, RgbImage image, Preprocessing preprocessing) {
    byte[] rgb = image.rgb();
    float[] unit = new float[rgb.length];
    for (int i = 0; i < unit.length; i++) {
      unit[i] = (rgb[i] & 0xFF) / 255f;
    }
    int side = preprocessing.side();
    float[] resized_N3 =
        Resize.bilinearAntialiased(
                scope,
                scope.create(unit, new Shape(1, (long) image.width() * image.height(), 3)),
                image.height(),
                image.width(),
                side,
                side)
            .toFloatArray();
    float[] expected = new float[resized_N3.length];
    for (int c = 0; c < 3; c++) {
      float mean = preprocessing.mean().get(c).floatValue();
      float std = preprocessing.std().get(c).floatValue();
      for (int i = 0; i < side * side; i++) {
        expected[c * side * side + i] = (resized_N3[3 * i + c] - mean) / std;
      }
    }
    return expected;
  }

  private static RgbImage noise(int width, int height) {
    byte[] rgb = new byte[3 * width * height];
    new Random(width * 1000L + height).nextBytes(rgb);
    return new RgbImage(width, height, rgb);
  }
}
