package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pixels against PIL's and torchvision's: one level, hue three (it goes through 8-bit HSV). */
class TransformsNumericsTest {

  private static final int LEVELS = 1;
  private static final int HUE_LEVELS = 3;
  private static final float FLOAT_ABS = 0.002f;

  private GoldenTensors golden;
  private RgbImage image;
  private RgbImage small;

  @BeforeEach
  void open() throws IOException {
    golden = GoldenTensors.of("transforms");
    image = golden.image("in.image");
    small = golden.image("in.image_small");
  }

  @Test
  void theDecoderGivesThePixelsOfPil() throws Exception {
    byte[] png = Files.readAllBytes(GoldenTensors.path("transforms_input.png"));
    assertThat(new ImageDecoder().decode(png)).usingRecursiveComparison().isEqualTo(image);
  }

  @Test
  void resizesAsPilBitForBit() {
    assertThat(resize(image, Box.whole(image), 64, 64))
        .isEqualTo(golden.bytes("pil.resize_bicubic_64"));
    assertThat(resize(image, Box.whole(image), 32, 32))
        .isEqualTo(golden.bytes("pil.resize_bicubic_32"));
    assertThat(resize(small, Box.whole(small), 38, 24))
        .isEqualTo(golden.bytes("pil.small_resize_shorter_side_24"));
    assertThat(resize(image, new Box(20, 10, 40, 50), 32, 32))
        .isEqualTo(golden.bytes("pil.resized_crop_t10_l20_h50_w40_to_32"));
  }

  @Test
  void resizesFloatsAsTorchvision() {
    float[] chw = unit(image);
    float[] out = new float[3 * 32 * 32];
    new Resampler(Resampler.Arithmetic.PIL).resize(chw, 96, 96, out, 32, 32);
    close(out, golden.floats("tensor_f32.resize_bicubic_antialias_32"));
    float[] up = new float[3 * 64 * 96];
    new Resampler(Resampler.Arithmetic.PIL).resize(unit(small), 64, 40, up, 96, 64);
    close(up, golden.floats("tensor_f32.small_upscale_bicubic_antialias_64x96"));
  }

  @Test
  void distortsAsPil() {
    int n = small.width() * small.height();
    distorted("pil.brightness_0.6", LEVELS, p -> Distortions.brightness(p, n, 0.6f));
    distorted("pil.brightness_1.4", LEVELS, p -> Distortions.brightness(p, n, 1.4f));
    distorted("pil.contrast_0.6", LEVELS, p -> Distortions.contrast(p, n, 0.6f));
    distorted("pil.contrast_1.4", LEVELS, p -> Distortions.contrast(p, n, 1.4f));
    distorted("pil.saturation_0.8", LEVELS, p -> Distortions.saturation(p, n, 0.8f));
    distorted("pil.saturation_1.2", LEVELS, p -> Distortions.saturation(p, n, 1.2f));
    distorted("pil.hue_-0.1", HUE_LEVELS, p -> Distortions.hue(p, n, -0.1));
    distorted("pil.hue_0.07", HUE_LEVELS, p -> Distortions.hue(p, n, 0.07));
    distorted("pil.grayscale", 0, p -> Distortions.greyscale(p, n));
    distorted("pil.solarize_128", 0, p -> Distortions.solarize(p, n));
    distorted("pil.hflip", 0, p -> Distortions.flip(p, small.width(), small.height()));
    for (String sigma : new String[] {"0.1", "0.7", "2.0"}) {
      distorted(
          "pil.blur_k9_sigma" + sigma,
          LEVELS,
          p -> new Distortions().blur(p, small.width(), small.height(), Double.parseDouble(sigma)));
    }
  }

  @Test
  void jittersInSequenceAsPil() {
    int n = small.width() * small.height();
    distorted(
        "pil.jitter_sequence_b1.2_c0.8_s1.1_h0.05",
        HUE_LEVELS,
        p -> {
          Distortions.brightness(p, n, 1.2f);
          Distortions.contrast(p, n, 0.8f);
          Distortions.saturation(p, n, 1.1f);
          Distortions.hue(p, n, 0.05);
        });
  }

  @Test
  void normalisesAsTorchvision() {
    int n = small.width() * small.height();
    float[] out = new float[3 * n];
    Normalisation.IMAGENET.write(small.rgb(), n, new float[3 * n], FloatBuffer.wrap(out), 0);
    close(out, golden.floats("normalized_small_chw"));
  }

  @Test
  void transformsForEvaluationAsTheOfficialCode() {
    close(
        new EvalTransform(48, 40, Normalisation.IMAGENET).apply(image),
        golden.floats("eval_transform_resize48_crop40"));
    close(
        EvalTransform.square(32, Normalisation.IMAGENET).apply(small),
        golden.floats("eval_transform_small_resize32_crop32"));
  }

  private void distorted(String name, int tolerance, Consumer<byte[]> operation) {
    byte[] ours = small.rgb().clone();
    operation.accept(ours);
    byte[] theirs = golden.bytes(name);
    assertThat(ours).as(name).hasSameSizeAs(theirs);
    int worst = 0;
    for (int i = 0; i < ours.length; i++) {
      worst = Math.max(worst, Math.abs((ours[i] & 0xFF) - (theirs[i] & 0xFF)));
    }
    assertThat(worst).as("largest difference of %s in levels", name).isLessThanOrEqualTo(tolerance);
  }

  private static byte[] resize(RgbImage in, Box box, int w, int h) {
    byte[] out = new byte[3 * w * h];
    new Resampler(Resampler.Arithmetic.PIL).resize(in.rgb(), in.width(), box, out, w, h);
    return out;
  }

  private static float[] unit(RgbImage image) {
    int n = image.width() * image.height();
    float[] chw = new float[3 * n];
    for (int i = 0; i < 3 * n; i++) {
      chw[i % 3 * n + i / 3] = (image.rgb()[i] & 0xFF) / 255f;
    }
    return chw;
  }

  private static void close(float[] ours, float[] theirs) {
    assertThat(ours).hasSameSizeAs(theirs);
    float worst = 0;
    for (int i = 0; i < ours.length; i++) {
      worst = Math.max(worst, Math.abs(ours[i] - theirs[i]));
    }
    assertThat(worst).isLessThanOrEqualTo(FLOAT_ABS);
  }
}
