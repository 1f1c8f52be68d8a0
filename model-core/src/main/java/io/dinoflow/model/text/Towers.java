package io.dinoflow.model.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.nn.TextTower;
import io.dinoflow.model.nn.VisionHead;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The structure of both towers of an AlignText stage, without weights: what training and finished
 * towers have in common. N pictures, S their side, T tokens, E width of the joint space.
 *
 * @param side S
 */
public record Towers(
    Backbone backbone, VisionHead head, TextTower text, int side, int contextLength) {

  /** Prefixes of the parts in a checkpoint's {@code student.safetensors}. */
  public static final String VISION_PREFIX = "vision.";

  public static final String TEXT_PREFIX = "text.";

  private static final double EPSILON = 1e-12;
  private static final int PICTURES_AT_ONCE = 64;
  private static final int TEXTS_AT_ONCE = 256;

  /** The weights that a forward reads. */
  public record Weights(StateDict frozen, StateDict head, StateDict text) {}

  /** Captions as ids, each distinct one once. */
  public record Captions(int[][] distinct_UL, long[] rows) {

    /** Whether texts and captions are the same rows. */
    public boolean allDistinct() {
      return distinct_UL.length == rows.length;
    }
  }

  public static Towers of(PipelineRecipe recipe, StageRecipe.AlignText stage) {
    BackboneRecipe vision = recipe.visionTower(stage).backbone();
    return new Towers(
        Backbones.of(vision),
        new VisionHead(
            vision.features(),
            heads(vision),
            stage.visionBlocks(),
            stage.text().embedDim(),
            VisionHead.Pooling.MEAN),
        TextTower.of(stage.text(), ClipTokenizer.VOCABULARY),
        stage.imageSize(),
        stage.text().contextLength());
  }

  private static int heads(BackboneRecipe vision) {
    return vision.match(
        new BackboneRecipe.Cases<>() {
          @Override
          public Integer vit(BackboneRecipe.Vit vit) {
            return vit.numHeads();
          }

          @Override
          public Integer convNext(BackboneRecipe.ConvNext convNext) {
            return VisionHead.headsFor(convNext.features());
          }
        });
  }

  /** What the frozen backbone gives the head; record no gradients meanwhile. */
  public VisionHead.Tokens see(TensorScope scope, StateDict frozen, NDArray images_N3SS) {
    try (TensorScope inner = scope.nested()) {
      VisionHead.Tokens tokens =
          VisionHead.tokens(inner, backbone.forward(inner, frozen, images_N3SS, Pass.eval()));
      scope.adopt(tokens.tokens_BTD());
      return tokens;
    }
  }

  /** Pictures in the joint space, of L2 norm 1: (N, E). */
  public NDArray pictures(TensorScope scope, StateDict headWeights, VisionHead.Tokens tokens) {
    return Tensors.normalize(scope, head.forward(scope, headWeights, tokens), EPSILON);
  }

  /** Texts in the joint space, of L2 norm 1: (U, E). */
  public NDArray texts(TensorScope scope, StateDict textWeights, int[][] ids_UL) {
    return Tensors.normalize(scope, text.forward(scope, textWeights, ids_UL), EPSILON);
  }

  /** Ids of captions, with each caption's row among the distinct ones. */
  public Captions tokenise(List<String> captions) {
    Map<String, Integer> row = new LinkedHashMap<>();
    long[] rows = new long[captions.size()];
    for (int i = 0; i < rows.length; i++) {
      Integer known = row.putIfAbsent(captions.get(i), row.size());
      rows[i] = known == null ? row.size() - 1 : known;
    }
    int[][] distinct_UL =
        row.keySet().stream()
            .map(caption -> ClipTokenizer.clip().encode(caption, contextLength))
            .toArray(int[][]::new);
    return new Captions(distinct_UL, rows);
  }

  /**
   * Embeddings of any number of pictures, a few at a time.
   *
   * @param images_N3SS from index 0; position and limit do not matter
   */
  public float[][] images(Weights weights, FloatBuffer images_N3SS, int count) {
    int values = 3 * side * side;
    if (images_N3SS.capacity() < (long) count * values) {
      throw new IllegalArgumentException(
          "the buffer holds %d values, but %d pictures of side %d need %d"
              .formatted(images_N3SS.capacity(), count, side, (long) count * values));
    }
    List<float[]> embeddings = new ArrayList<>(count);
    for (int from = 0; from < count; from += PICTURES_AT_ONCE) {
      int n = Math.min(PICTURES_AT_ONCE, count - from);
      FloatBuffer part = images_N3SS.duplicate().clear().slice(from * values, n * values);
      try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
        NDArray images = scope.create(part, new Shape(n, 3, side, side));
        VisionHead.Tokens tokens = see(scope, weights.frozen(), images);
        split(pictures(scope, weights.head(), tokens), embeddings);
      }
    }
    return embeddings.toArray(float[][]::new);
  }

  /** Embeddings of any number of captions, each distinct one computed once. */
  public float[][] texts(Weights weights, List<String> captions) {
    Captions ids = tokenise(captions);
    int distinct = ids.distinct_UL().length;
    List<float[]> embeddings = new ArrayList<>(distinct);
    for (int from = 0; from < distinct; from += TEXTS_AT_ONCE) {
      int n = Math.min(TEXTS_AT_ONCE, distinct - from);
      int[][] part_UL = new int[n][];
      System.arraycopy(ids.distinct_UL(), from, part_UL, 0, n);
      try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
        split(texts(scope, weights.text(), part_UL), embeddings);
      }
    }
    float[][] all = new float[captions.size()][];
    for (int i = 0; i < all.length; i++) {
      all[i] = embeddings.get((int) ids.rows()[i]).clone();
    }
    return all;
  }

  private static void split(NDArray rows_NE, List<float[]> into) {
    int width = (int) rows_NE.getShape().get(1);
    float[] flat = HostMemory.floats(rows_NE);
    for (int from = 0; from < flat.length; from += width) {
      float[] row = new float[width];
      System.arraycopy(flat, from, row, 0, width);
      into.add(row);
    }
  }
}
