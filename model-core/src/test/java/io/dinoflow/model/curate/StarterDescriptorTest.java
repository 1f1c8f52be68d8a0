package io.dinoflow.model.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.dinoflow.model.data.RgbImage;
import org.junit.jupiter.api.Test;

class StarterDescriptorTest {

  @Test
  void isAUnitVectorEvenOfAPlainPicture() {
    for (int level : new int[] {0, 127, 255}) {
      float[] d = StarterDescriptor.of(stripes(40, 30, level, level, 0));
      assertThat(d).hasSize(StarterDescriptor.DIM);
      double length = Vectors.dot(d, 0, d, 0, d.length);
      assertThat(length).isCloseTo(1, within(1e-4));
    }
  }

  @Test
  void aPictureIsCloserToItsOwnSmallVersionThanToAnother() {
    RgbImage across = stripes(64, 64, 20, 220, 0);
    float[] a = StarterDescriptor.of(across);
    float[] small = StarterDescriptor.of(across.resized(48, 48));
    float[] other = StarterDescriptor.of(stripes(64, 64, 20, 220, 1));
    assertThat(cosine(a, small)).isGreaterThan(0.95f);
    assertThat(cosine(a, other)).isLessThan(cosine(a, small) - 0.2f);
  }

  @Test
  void tellsColoursOfOneShapeApart() {
    float[] dark = StarterDescriptor.of(stripes(32, 32, 0, 60, 0));
    float[] bright = StarterDescriptor.of(stripes(32, 32, 195, 255, 0));
    assertThat(cosine(dark, bright)).isLessThan(0.5f);
  }

  private static float cosine(float[] a, float[] b) {
    return Vectors.dot(a, 0, b, 0, a.length);
  }

  /** Stripes 8 pixels wide, upright for axis 0. */
  private static RgbImage stripes(int w, int h, int low, int high, int axis) {
    byte[] rgb = new byte[3 * w * h];
    for (int i = 0; i < rgb.length; i++) {
      int at = axis == 0 ? i / 3 % w : i / 3 / w;
      rgb[i] = (byte) (at / 8 % 2 == 0 ? low : high);
    }
    return new RgbImage(w, h, rgb);
  }
}
