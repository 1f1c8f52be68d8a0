package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.Normalisation;
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
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A fixed batch of pictures on which every checkpoint of a track is measured: how alike the class
 * tokens of different pictures are, and how alike the patches of one picture are (DINOv3, section
 * 4.1, follows the second to see dense features decay).
 */
final class Probe {
  private static final int PICTURES = 32;

  private final ProbePictures pictures;

  private Probe(ProbePictures pictures) {
    this.pictures = pictures;
  }

  /** The first pictures of the dataset in a seeded order. */
  static Probe of(Dataset dataset, long seed, CropRecipe crops) {
    int side = crops.sizes().get(0).global();
    EvalTransform transform = EvalTransform.square(side, Normalisation.of(crops));
    int[] order = SeededRandom.of(seed, Purpose.PROBE).permutation(dataset.samples().size());
    List<Sample> samples = Arrays.stream(order).mapToObj(dataset.samples()::get).toList();
    return new Probe(ProbePictures.of(dataset, samples, transform, PICTURES));
  }

  Map<String, Double> measure(Backbone backbone, StateDict weights) {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray images_B3HW =
          scope.create(
              pictures.pixels().duplicate(),
              new Shape(pictures.samples().size(), 3, pictures.side(), pictures.side()));
      Features features = backbone.forward(scope, weights, images_B3HW, Pass.eval());
      return Map.of(
          "probe.cls_similarity",
          (double) Similarity.meanBetweenRows(scope, features.cls_BD()),
          "probe.patch_similarity",
          (double) Similarity.meanWithinImages(scope, features.patches_BND()));
    }
  }
}
