package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;

class ImageDecoderFuzzTest {
  private static final ImageDecoder.Limits LIMITS = new ImageDecoder.Limits(1 << 20, 250_000, 1000);

  private final ImageDecoder decoder = new ImageDecoder(LIMITS);

  @FuzzTest
  void givesAPictureWithinTheLimitsOrSaysWhyNot(byte[] bytes) {
    try {
      RgbImage image = decoder.decode(bytes);
      assertThat(image.width()).isBetween(1, LIMITS.sideMax());
      assertThat(image.height()).isBetween(1, LIMITS.sideMax());
    } catch (UnreadableImageException refused) {
      assertThat(refused).message().isNotBlank();
    }
  }
}
