package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.StageRecipe.AlignText.TextTowerRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.List;

/**
 * The text encoder of CLIP and dino.txt: token and position embedding, pre-norm blocks, a norm, one
 * token's vector, a projection.
 *
 * <p>A block's parameters carry the vision transformer's names. U texts, L tokens, W width, E width
 * of the joint space. Immutable and thread-safe: weights are passed in.
 */
public final class TextTower {
  private static final double EPSILON = 1e-5;
  private static final double FFN_RATIO = 4;

  /** Which tokens a token sees. */
  public enum Attention {
    /** Itself and those before it, so that padding at the end never matters. */
    CAUSAL,
    FULL
  }

  /** Which token stands for the text. */
  public enum Pooling {
    /** The first largest id: the end token. */
    LARGEST_ID,
    FIRST
  }

  /**
   * The tower's shape.
   *
   * @param headBlocks causal blocks after the backbone's norm, with a norm of their own
   */
  public record Form(
      int vocabulary,
      int contextLength,
      int width,
      int layers,
      int heads,
      double ffnRatio,
      Attention attention,
      Pooling pooling,
      int headBlocks,
      int embedDim) {}

  private final Form form;
  private final Blocks.Form block;
  private final Blocks.Form headBlock;

  public TextTower(Form form) {
    this.form = form;
    this.block = block(form.width(), form.ffnRatio());
    this.headBlock = block(form.width(), FFN_RATIO);
  }

  /** The tower of a recipe: causal, pooled at the end token. */
  public static TextTower of(TextTowerRecipe recipe, int vocabulary) {
    return new TextTower(
        new Form(
            vocabulary,
            recipe.contextLength(),
            recipe.width(),
            recipe.layers(),
            recipe.heads(),
            FFN_RATIO,
            Attention.CAUSAL,
            Pooling.LARGEST_ID,
            0,
            recipe.embedDim()));
  }

  private static Blocks.Form block(int width, double ratio) {
    return new Blocks.Form(
        width, (int) (width * ratio), Blocks.FeedForward.MLP, Blocks.Norm.LAYER, false, false, 0);
  }

  /** Names and shapes; first values are CLIP's, whose deviations fall with width and depth. */
  public List<ParameterSpec> parameters() {
    long w = form.width();
    List<ParameterSpec> p = new ArrayList<>();
    p.add(ParameterSpec.normal("token_embedding.weight", 0.02, form.vocabulary(), w));
    p.add(ParameterSpec.normal("positional_embedding", 0.01, form.contextLength(), w));
    for (int i = 0; i < form.layers(); i++) {
      Blocks.parameters("blocks." + i + ".", block).forEach(spec -> p.add(scaled(spec)));
    }
    p.addAll(Blocks.norm("ln_final", w, block.norm()));
    for (int i = 0; i < form.headBlocks(); i++) {
      Blocks.parameters("head.blocks." + i + ".", headBlock).forEach(spec -> p.add(scaled(spec)));
    }
    if (form.headBlocks() > 0) {
      p.addAll(Blocks.norm("head.ln_final", w, block.norm()));
    }
    p.add(ParameterSpec.normal("linear_projection.weight", Math.pow(w, -0.5), form.embedDim(), w));
    return p;
  }

  public StateDict initialise(NDManager manager, long seed) {
    return ParameterSpec.initialise(parameters(), manager, seed);
  }

  /**
   * Embeddings as they are.
   *
   * @param ids_UL token ids, rows of equal length, at most the context length
   * @return (U, E)
   */
  public NDArray forward(TensorScope scope, StateDict weights, int[][] ids_UL) {
    int length = length(ids_UL);
    NDArray none = scope.create(new float[0]);
    NDArray x_ULW =
        TorchKernels.call(
            scope.manager(),
            "text_tokens",
            ids(scope, ids_UL, length),
            weights.tensor("token_embedding.weight"),
            weights.tensor("positional_embedding"));
    for (int i = 0; i < form.layers(); i++) {
      NDList p = Blocks.list(weights, "blocks." + i + ".", block, none, none);
      x_ULW = block(scope, x_ULW, p, none, form.attention());
    }
    x_ULW = norm(scope, weights, "ln_final", x_ULW);
    for (int i = 0; i < form.headBlocks(); i++) {
      NDList p = Blocks.list(weights, "head.blocks." + i + ".", headBlock, none, none);
      x_ULW = block(scope, x_ULW, p, none, Attention.CAUSAL);
    }
    if (form.headBlocks() > 0) {
      x_ULW = norm(scope, weights, "head.ln_final", x_ULW);
    }
    // The projection is linear and without bias, so it may follow the choice of the token.
    NDArray chosen_UW =
        form.pooling() == Pooling.FIRST
            ? Tensors.token(scope, x_ULW, 0)
            : Tensors.pickToken(scope, x_ULW, scope.create(ends(ids_UL)));
    return Tensors.linear(scope, chosen_UW, weights.tensor("linear_projection.weight"));
  }

  private NDArray block(
      TensorScope scope, NDArray x_ULW, NDList p, NDArray none, Attention attention) {
    return TorchKernels.call(
        scope.manager(),
        "block",
        x_ULW,
        none,
        none,
        p,
        (long) form.heads(),
        EPSILON,
        attention == Attention.CAUSAL);
  }

  private static NDArray norm(TensorScope scope, StateDict weights, String name, NDArray x) {
    return TorchKernels.call(
        scope.manager(),
        "norm",
        x,
        weights.tensor(name + ".weight"),
        weights.tensor(name + ".bias"),
        EPSILON);
  }

  /** Tokens worth computing: with causal attention those after the last end token are not. */
  private int length(int[][] ids_UL) {
    if (form.attention() == Attention.FULL || form.pooling() == Pooling.FIRST) {
      return ids_UL[0].length;
    }
    int longest = 0;
    for (long end : ends(ids_UL)) {
      longest = Math.max(longest, (int) end + 1);
    }
    return longest;
  }

  private static NDArray ids(TensorScope scope, int[][] ids_UL, int length) {
    long[] flat = new long[ids_UL.length * length];
    for (int i = 0; i < ids_UL.length; i++) {
      for (int j = 0; j < length; j++) {
        flat[i * length + j] = ids_UL[i][j];
      }
    }
    return scope.create(flat, new Shape(ids_UL.length, length));
  }

  private static long[] ends(int[][] ids_UL) {
    long[] ends = new long[ids_UL.length];
    for (int i = 0; i < ends.length; i++) {
      int[] row = ids_UL[i];
      int end = 0;
      for (int j = 1; j < row.length; j++) {
        end = row[j] > row[end] ? j : end;
      }
      ends[i] = end;
    }
    return ends;
  }

  private ParameterSpec scaled(ParameterSpec spec) {
    double w = form.width();
    double residual = Math.pow(2.0 * form.layers(), -0.5);
    double deviation;
    if (spec.name().endsWith("attn.qkv.weight")) {
      deviation = Math.pow(w, -0.5);
    } else if (spec.name().endsWith("attn.proj.weight") || spec.name().endsWith("mlp.fc2.weight")) {
      deviation = Math.pow(w, -0.5) * residual;
    } else if (spec.name().endsWith("mlp.fc1.weight")) {
      deviation = Math.pow(2 * w, -0.5);
    } else {
      return spec;
    }
    return new ParameterSpec(spec.name(), spec.shape(), new ParameterSpec.Init.Normal(deviation));
  }
}
