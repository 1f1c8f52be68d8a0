package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.PrincipalComponents;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What patch features tell apart, as colours: their first three principal components over all
 * pictures of a network, in red, green and blue (as Oquab et al. 2023 show them). Equal colours in
 * one row of pictures mean alike features; colours of two networks are not comparable.
 *
 * <p>The pictures are a seeded draw, shown to every network larger than they are measured, so that
 * a map has more patches.
 */
final class PcaMaps implements Evaluator {
  private static final int PICTURES = 6;
  private static final int COMPONENTS = 3;

  /** Patches along a side that are enough to see shapes. */
  private static final int PATCHES = 32;

  /** How much larger than measured; further from what a network was trained on it sees worse. */
  private static final int ENLARGED_MAX = 4;

  /** Deviations from the mean at which a colour is full. */
  private static final double FULL = 2;

  private final Population population;
  private final SampleImages images;
  private final int imageSize;
  private final long seed;
  private final Path output;
  private final EvaluationListener listener;

  PcaMaps(
      Population population,
      SampleImages images,
      int imageSize,
      long seed,
      Path output,
      EvaluationListener listener) {
    this.population = population;
    this.images = images;
    this.imageSize = imageSize;
    this.seed = seed;
    this.output = output;
    this.listener = listener;
  }

  @Override
  public void evaluate(List<Contender> contenders, Findings findings) throws IOException {
    List<Sample> shown = shown();
    int row = 0;
    for (Contender contender : contenders) {
      if (contender.network().isPresent()) {
        listener.advanced("maps " + contender.subject().name(), row, contenders.size());
        findings.maps(maps(contender, contender.network().get(), shown, row++));
      }
    }
  }

  private List<Sample> shown() {
    List<Sample> samples = population.samples();
    int[] order = SeededRandom.of(seed, Purpose.SAMPLE, 1).permutation(samples.size());
    return Arrays.stream(order).limit(PICTURES).mapToObj(samples::get).toList();
  }

  private EvaluationReport.FeatureMaps maps(
      Contender contender, Network network, List<Sample> shown, int row) throws IOException {
    int stride = network.backbone().stride();
    int side = side(imageSize, stride);
    EvalTransform transform = EvalTransform.square(side, network.normalisation());
    List<RgbImage> pictures = new ArrayList<>();
    List<String> originals = new ArrayList<>();
    for (Sample sample : shown) {
      RgbImage picture = EvalBatches.read(images, sample);
      pictures.add(picture);
      // Networks that see the same square share its file.
      String name = "original-%d-%d.png".formatted(side, originals.size() + 1);
      originals.add(Png.write(transform.pixels(picture), output, name));
    }
    List<String> files = new ArrayList<>();
    for (RgbImage map : maps(network, pictures, transform)) {
      String name = "map-%d-%d.png".formatted(row + 1, files.size() + 1);
      files.add(Png.write(map, output, name));
    }
    return new EvaluationReport.FeatureMaps(contender.subject().name(), originals, files);
  }

  /** A multiple of the stride; never smaller than measured, but for what the stride cuts off. */
  static int side(int imageSize, int stride) {
    int wanted = Math.max(imageSize, Math.min(ENLARGED_MAX * imageSize, PATCHES * stride));
    return Math.max(stride, wanted / stride * stride);
  }

  /** One map a picture, of the pictures' size: a square of one colour for each patch. */
  static List<RgbImage> maps(Network network, List<RgbImage> pictures, EvalTransform transform) {
    int side = transform.side();
    int values = 3 * side * side;
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      StateDict weights = network.weights(scope);
      List<float[]> patches = new ArrayList<>();
      for (RgbImage picture : pictures) {
        FloatBuffer pixels =
            ByteBuffer.allocateDirect(values * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        transform.into(picture, pixels, 0);
        try (TensorScope inner = scope.nested()) {
          Features seen =
              network.forward(inner, weights, inner.create(pixels, new Shape(1, 3, side, side)));
          patches.add(
              HostMemory.floats(TorchKernels.call(inner.manager(), "to_fp32", seen.patches_BND())));
        }
      }
      int grid = side / network.backbone().stride();
      return colours(scope, patches, grid, side);
    }
  }

  private static List<RgbImage> colours(
      TensorScope scope, List<float[]> patches, int grid, int side) {
    int perPicture = grid * grid;
    int features = patches.get(0).length / perPicture;
    float[] rows = new float[patches.size() * perPicture * features];
    for (int i = 0; i < patches.size(); i++) {
      System.arraycopy(patches.get(i), 0, rows, i * perPicture * features, perPicture * features);
    }
    NDArray x_MD = scope.create(rows, new Shape((long) patches.size() * perPicture, features));
    int components = Math.min(COMPONENTS, features);
    PrincipalComponents.Projection found = PrincipalComponents.of(scope, x_MD, components);
    float[] scores = HostMemory.floats(found.scores_MK());
    float[] deviation = HostMemory.floats(found.deviation_K());
    List<RgbImage> maps = new ArrayList<>();
    for (int i = 0; i < patches.size(); i++) {
      byte[] rgb = new byte[3 * perPicture];
      for (int p = 0; p < perPicture; p++) {
        for (int c = 0; c < components; c++) {
          double score = scores[(i * perPicture + p) * components + c];
          rgb[3 * p + c] = level(score, deviation[c]);
        }
      }
      maps.add(enlarged(new RgbImage(grid, grid, rgb), side / grid));
    }
    return maps;
  }

  private static byte level(double score, double deviation) {
    double share = deviation > 0 ? 0.5 + score / deviation / (2 * FULL) : 0.5;
    return (byte) Math.round(255 * Math.max(0, Math.min(1, share)));
  }

  /** Every pixel becomes a square of so many: nothing is smoothed. */
  private static RgbImage enlarged(RgbImage image, int times) {
    int w = image.width() * times;
    int h = image.height() * times;
    byte[] rgb = new byte[3 * w * h];
    for (int y = 0; y < h; y++) {
      for (int x = 0; x < w; x++) {
        int from = 3 * (y / times * image.width() + x / times);
        System.arraycopy(image.rgb(), from, rgb, 3 * (y * w + x), 3);
      }
    }
    return new RgbImage(w, h, rgb);
  }
}
