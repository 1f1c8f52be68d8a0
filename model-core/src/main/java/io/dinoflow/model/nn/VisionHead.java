package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.List;

/**
 * The trained part of dino.txt's vision tower: transformer blocks over the frozen backbone's normed
 * tokens, without RoPE, then a norm, and the class token joined with the pooled patches.
 *
 * <p>Where the joint space is not twice as wide as the features, each half is projected to half of
 * it. Official names, relative to {@code visual_model.head}. B pictures, T tokens, D features, E
 * width of the joint space.
 */
public final class VisionHead {
  private static final double EPSILON = 1e-5;
  private static final double FFN_RATIO = 4;
  private static final int FFN_ALIGNMENT = 64;
  private static final double LAYER_SCALE = 1e-5;
  private static final int HEAD_WIDTH = 64;

  /** How the patches become one vector. */
  public enum Pooling {
    MEAN,
    MAX
  }

  /**
   * What the head reads: class, storage and patch tokens after the backbone's final norm.
   *
   * @param prefix tokens before the patches
   */
  public record Tokens(NDArray tokens_BTD, int prefix) {}

  private final Blocks.Form form;
  private final int heads;
  private final int blocks;
  private final int embedDim;
  private final Pooling pooling;

  /**
   * @param heads of each block's attention; the official head has the backbone's
   * @param embedDim E, even
   */
  public VisionHead(int features, int heads, int blocks, int embedDim, Pooling pooling) {
    if (embedDim % 2 != 0) {
      throw new IllegalArgumentException(
          "embed_dim is %d, must be even: half is the class token's, half the patches'"
              .formatted(embedDim));
    }
    this.form =
        new Blocks.Form(
            features,
            Blocks.swigluHidden(features, FFN_RATIO, FFN_ALIGNMENT),
            Blocks.FeedForward.SWIGLU,
            Blocks.Norm.LAYER,
            false,
            false,
            LAYER_SCALE);
    this.heads = heads;
    this.blocks = blocks;
    this.embedDim = embedDim;
    this.pooling = pooling;
  }

  /** Attention heads for a backbone that has none of its own: about 64 features each. */
  public static int headsFor(int features) {
    int heads = Math.max(1, features / HEAD_WIDTH);
    while (features % heads != 0) {
      heads--;
    }
    return heads;
  }

  public List<ParameterSpec> parameters() {
    List<ParameterSpec> p = new ArrayList<>();
    for (int i = 0; i < blocks; i++) {
      p.addAll(Blocks.parameters(prefix(i), form));
    }
    p.addAll(Blocks.norm("ln_final", form.dim(), form.norm()));
    if (projects()) {
      p.add(
          ParameterSpec.normal(
              "linear_projection.weight", Math.pow(form.dim(), -0.5), embedDim / 2, form.dim()));
    }
    return p;
  }

  public StateDict initialise(NDManager manager, long seed) {
    return ParameterSpec.initialise(parameters(), manager, seed);
  }

  /** The head's input from a frozen backbone's features. */
  public static Tokens tokens(TensorScope scope, Features features) {
    int storage = (int) features.storage_BSD().getShape().get(1);
    return new Tokens(
        Tensors.withClassToken(
            scope, features.cls_BD(), features.storage_BSD(), features.patches_BND()),
        1 + storage);
  }

  /** Embeddings as they are: (B, T, D) to (B, E). */
  public NDArray forward(TensorScope scope, StateDict weights, Tokens tokens) {
    NDArray x_BTD = refine(scope, weights, tokens.tokens_BTD());
    if (projects()) {
      x_BTD = Tensors.linear(scope, x_BTD, weights.tensor("linear_projection.weight"));
    }
    NDArray patches =
        Tensors.tokens(scope, x_BTD, tokens.prefix(), tokens.tokens_BTD().getShape().get(1));
    NDArray pooled =
        pooling == Pooling.MEAN
            ? Tensors.meanTokens(scope, patches)
            : Tensors.maxTokens(scope, patches);
    return Tensors.concatLast(scope, Tensors.token(scope, x_BTD, 0), pooled);
  }

  /** All tokens after the blocks and the norm, before projection and pooling. */
  NDArray refine(TensorScope scope, StateDict weights, NDArray tokens_BTD) {
    NDArray none = scope.create(new float[0]);
    NDArray x_BTD = tokens_BTD;
    for (int i = 0; i < blocks; i++) {
      NDList p = Blocks.list(weights, prefix(i), form, none, none);
      x_BTD =
          TorchKernels.call(
              scope.manager(), "block", x_BTD, none, none, p, (long) heads, EPSILON, false);
    }
    return TorchKernels.call(
        scope.manager(),
        "norm",
        x_BTD,
        weights.tensor("ln_final.weight"),
        weights.tensor("ln_final.bias"),
        EPSILON);
  }

  private boolean projects() {
    return 2 * form.dim() != embedDim;
  }

  private static String prefix(int block) {
    return "blocks." + block + ".";
  }
}
