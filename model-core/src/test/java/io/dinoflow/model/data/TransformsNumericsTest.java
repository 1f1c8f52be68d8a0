package io.dinoflow.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.kernel.Resize;
import io.dinoflow.model.tensor.TensorScope;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ObjDoubleConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Pixels against PIL's and torchvision's. A tensor's name says what was done with which numbers;
 * PIL's hue goes through 8-bit HSV and may be two levels more off than the rest.
 */
@GoldenFixture("transforms")
class TransformsNumericsTest {

  private static final int HUE_EXTRA_LEVELS = 2;

  private Golden golden;
  private RgbImage image;
  private RgbImage small;
  private int levels;

  @BeforeEach
  void open() {
    golden = Golden.open("transforms");
    image = image("in.image");
    small = image("in.image_small");
    levels = golden.json().get("tolerance").get("u8_levels").asInt();
  }

  @AfterEach
  void close() {
    golden.close();
  }

  @Test
  void theDecoderGivesThePixelsOfPil() throws Exception {
    byte[] png = Files.readAllBytes(Golden.path("transforms_input.png"));
    assertThat(new ImageDecoder().decode(png)).usingRecursiveComparison().isEqualTo(image);
  }

  @Test
  void resizesAsPilBitForBit() {
    each(
        "pil\\.resize_bicubic_(\\d+)",
        (name, n) -> compare(name, resize(image, Box.whole(image), whole(n, 1), whole(n, 1)), 0));
    each(
        "pil\\.small_resize_shorter_side_(\\d+)",
        (name, n) -> {
          int height = whole(n, 1);
          int width = height * small.width() / small.height();
          compare(name, resize(small, Box.whole(small), width, height), 0);
        });
    each(
        "pil\\.resized_crop_t(\\d+)_l(\\d+)_h(\\d+)_w(\\d+)_to_(\\d+)",
        (name, n) -> {
          Box box = new Box(whole(n, 2), whole(n, 1), whole(n, 4), whole(n, 3));
          compare(name, resize(image, box, whole(n, 5), whole(n, 5)), 0);
        });
  }

  @Test
  void resizesLevelsAsTorchvision() {
    each(
        "tensor_u8\\.resize_bicubic_antialias_(\\d+)",
        (name, n) -> {
          int side = whole(n, 1);
          byte[] out = new byte[3 * side * side];
          new Resampler(Resampler.Arithmetic.TORCHVISION)
              .resize(image.rgb(), image.width(), Box.whole(image), out, side, side);
          compare(name, channelsFirst(out), levels);
        });
  }

  @Test
  void resizesFloatsAsTorchvision() {
    each(
        "tensor_f32\\.resize_(\\w+)_(antialias|noantialias)_(\\d+)",
        (name, n) -> resizeFloats(name, image, whole(n, 3), whole(n, 3), n.group(1) + n.group(2)));
    each(
        "tensor_f32\\.small_upscale_(\\w+)_(antialias|noantialias)_(\\d+)x(\\d+)",
        (name, n) -> resizeFloats(name, small, whole(n, 4), whole(n, 3), n.group(1) + n.group(2)));
    each(
        "tensor_f32\\.small_downscale_bilinear_noantialias_.+",
        (name, n) -> golden.leaveOut(name, "nothing is shrunk without antialias"));
  }

  private void resizeFloats(String name, RgbImage in, int w, int h, String how) {
    float[] chw = unit(in);
    float[] plain = new float[3 * w * h];
    if (how.equals("bicubicantialias")) {
      new Resampler(Resampler.Arithmetic.PIL).resize(chw, in.width(), in.height(), plain, w, h);
      compare(name, plain);
    }
    try (TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray rows =
          scope
              .manager()
              .create(chw, new Shape(1, 3, (long) in.height() * in.width()))
              .transpose(0, 2, 1);
      NDArray out =
          switch (how) {
            case "bicubicantialias" ->
                Resize.bicubicAntialiased(scope, rows, in.height(), in.width(), h, w);
            case "bicubicnoantialias" -> Resize.bicubic(scope, rows, in.height(), in.width(), h, w);
            case "bilinearantialias" ->
                Resize.bilinearAntialiased(scope, rows, in.height(), in.width(), h, w);
            default -> throw new IllegalStateException("no such resize: " + name);
          };
      compare(name, out.transpose(0, 2, 1).toFloatArray());
    }
  }

  @Test
  void distortsAsPil() {
    int n = small.width() * small.height();
    distorts("brightness_([0-9.]+)", levels, (p, x) -> Distortions.brightness(p, n, (float) x));
    distorts("contrast_([0-9.]+)", levels, (p, x) -> Distortions.contrast(p, n, (float) x));
    distorts("saturation_([0-9.]+)", levels, (p, x) -> Distortions.saturation(p, n, (float) x));
    distorts("hue_(-?[0-9.]+)", levels + HUE_EXTRA_LEVELS, (p, x) -> HueCircle.turn(p, n, x));
    distorts(
        "blur_k9_sigma([0-9.]+)",
        levels,
        (p, x) -> new GaussianBlur().blur(p, small.width(), small.height(), x));
    distorted("pil.grayscale", 0, p -> Distortions.greyscale(p, n));
    distorted("pil.solarize_128", 0, p -> Distortions.solarize(p, n));
    each(
        "tensor_f32\\.(brightness|contrast|saturation|hue|blur)_.+",
        (name, x) -> golden.leaveOut(name, "pictures are distorted as 8-bit levels, as PIL does"));
    distorted("pil.hflip", 0, p -> Distortions.flip(p, small.width(), small.height()));
  }

  @Test
  void jittersInSequenceAsPil() {
    int n = small.width() * small.height();
    each(
        "pil\\.jitter_sequence_b([0-9.]+)_c([0-9.]+)_s([0-9.]+)_h(-?[0-9.]+)",
        (name, x) ->
            distorted(
                name,
                levels + HUE_EXTRA_LEVELS,
                p -> {
                  Distortions.brightness(p, n, Float.parseFloat(x.group(1)));
                  Distortions.contrast(p, n, Float.parseFloat(x.group(2)));
                  Distortions.saturation(p, n, Float.parseFloat(x.group(3)));
                  HueCircle.turn(p, n, Double.parseDouble(x.group(4)));
                }));
  }

  @Test
  void normalisesAsTorchvision() {
    int n = small.width() * small.height();
    float[] out = new float[3 * n];
    Normalisation.IMAGENET.write(small.rgb(), n, new float[3 * n], FloatBuffer.wrap(out), 0);
    compare("normalized_small_chw", out);
  }

  @Test
  void transformsForEvaluationAsTheOfficialCode() {
    each(
        "eval_transform_(small_)?resize(\\d+)_crop(\\d+)",
        (name, n) -> {
          RgbImage in = n.group(1) == null ? image : small;
          compare(
              name, new EvalTransform(whole(n, 2), whole(n, 3), Normalisation.IMAGENET).apply(in));
        });
  }

  /** Does something with every tensor whose name fits; there must be one. */
  private void each(String name, BiConsumer<String, Matcher> action) {
    Pattern pattern = Pattern.compile(name);
    List<String> fitting = new ArrayList<>();
    for (String tensor : golden.names()) {
      Matcher parts = pattern.matcher(tensor);
      if (parts.matches()) {
        fitting.add(tensor);
        action.accept(tensor, parts);
      }
    }
    assertThat(fitting).as("tensors named " + name).isNotEmpty();
  }

  private void distorts(String name, int tolerance, ObjDoubleConsumer<byte[]> operation) {
    each(
        "pil\\." + name,
        (tensor, x) ->
            distorted(tensor, tolerance, p -> operation.accept(p, Double.parseDouble(x.group(1)))));
  }

  private void distorted(String name, int tolerance, Consumer<byte[]> operation) {
    byte[] ours = small.rgb().clone();
    operation.accept(ours);
    compare(name, ours, tolerance);
  }

  private void compare(String name, byte[] ours, int tolerance) {
    golden.compare(name, levels(ours), levels(golden.bytes(name)), tolerance);
  }

  private void compare(String name, float[] ours) {
    golden.compare(
        name,
        ours,
        golden.floats(name),
        golden.json().get("tolerance").get("float_abs").asDouble());
  }

  private static float[] levels(byte[] bytes) {
    float[] levels = new float[bytes.length];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = bytes[i] & 0xFF;
    }
    return levels;
  }

  private RgbImage image(String name) {
    int[] shape = golden.shape(name);
    return new RgbImage(shape[1], shape[0], golden.bytes(name));
  }

  private static int whole(Matcher parts, int group) {
    return Integer.parseInt(parts.group(group));
  }

  private static byte[] resize(RgbImage in, Box box, int w, int h) {
    byte[] out = new byte[3 * w * h];
    new Resampler(Resampler.Arithmetic.PIL).resize(in.rgb(), in.width(), box, out, w, h);
    return out;
  }

  private static byte[] channelsFirst(byte[] hwc) {
    byte[] chw = new byte[hwc.length];
    int n = hwc.length / 3;
    for (int i = 0; i < hwc.length; i++) {
      chw[i % 3 * n + i / 3] = hwc[i];
    }
    return chw;
  }

  private static float[] unit(RgbImage image) {
    int n = image.width() * image.height();
    float[] chw = new float[3 * n];
    for (int i = 0; i < 3 * n; i++) {
      chw[i % 3 * n + i / 3] = (image.rgb()[i] & 0xFF) / 255f;
    }
    return chw;
  }
}
