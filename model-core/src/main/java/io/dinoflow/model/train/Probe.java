package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.data.RgbImage;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.data.UnreadableImageException;
import io.dinoflow.model.kernel.Similarity;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A fixed batch of pictures on which every checkpoint of a track is measured: how alike the class
 * tokens of different pictures are, and how alike the patches of one picture are (DINOv3, section
 * 4.1, follows the second to see dense features decay).
 */
final class Probe {
  private static final int PICTURES = 32;
  private static final Logger LOG = LoggerFactory.getLogger(Probe.class);

  private final FloatBuffer pixels;
  private final int pictures;
  private final int side;

  /**
   * @param pixels (pictures, 3, side, side), direct
   */
  Probe(FloatBuffer pixels, int pictures, int side) {
    this.pixels = pixels;
    this.pictures = pictures;
    this.side = side;
  }

  /** The first pictures of the dataset in a seeded order. */
  static Probe of(Dataset dataset, long seed, CropRecipe crops) {
    int side = crops.sizes().get(0).global();
    EvalTransform transform = EvalTransform.square(side, Normalisation.of(crops));
    SampleImages images = CachedImages.of(dataset);
    int[] order = SeededRandom.of(seed, Purpose.PROBE).permutation(dataset.samples().size());
    int wanted = Math.min(PICTURES, order.length);
    FloatBuffer pixels =
        ByteBuffer.allocateDirect(wanted * 3 * side * side * Float.BYTES)
            .order(ByteOrder.nativeOrder())
            .asFloatBuffer();
    int taken = 0;
    for (int i = 0; i < order.length && taken < wanted; i++) {
      try {
        RgbImage image = images.image(dataset.samples().get(order[i]));
        pixels.put(transform.apply(image));
        taken++;
      } catch (UnreadableImageException e) {
        LOG.debug("probe leaves out an unreadable picture: {}", e.getMessage());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the probe pictures", e);
      }
    }
    pixels.flip();
    return new Probe(pixels, taken, side);
  }

  Map<String, Double> measure(Backbone backbone, StateDict weights) {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray images_B3HW = scope.create(pixels.duplicate(), new Shape(pictures, 3, side, side));
      Features features = backbone.forward(scope, weights, images_B3HW, Pass.eval());
      return Map.of(
          "probe.cls_similarity",
          (double) Similarity.meanBetweenRows(scope, features.cls_BD()),
          "probe.patch_similarity",
          (double) Similarity.meanWithinImages(scope, features.patches_BND()));
    }
  }
}
