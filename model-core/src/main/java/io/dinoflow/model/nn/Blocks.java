package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.List;

/**
 * The parameters of a pre-norm transformer block, and their order in the kernels' lists.
 *
 * <p>Where a block lacks a parameter, an empty tensor stands in its place.
 */
final class Blocks {
  private Blocks() {}

  /** Which parameters a block has. */
  record Form(
      int dim,
      int hidden,
      FeedForward feedForward,
      Norm norm,
      boolean qkvBias,
      boolean maskKBias,
      double layerscale) {}

  /** The two shapes of the feed-forward. */
  enum FeedForward {
    MLP,
    SWIGLU
  }

  /** The two norms. */
  enum Norm {
    LAYER,
    RMS
  }

  /** Official specs of one block under its prefix, such as {@code blocks.0.}. */
  static List<ParameterSpec> parameters(String prefix, Form form) {
    long d = form.dim();
    long h = form.hidden();
    List<ParameterSpec> p = new ArrayList<>();
    p.addAll(norm(prefix + "norm1", d, form.norm()));
    p.add(ParameterSpec.normal(prefix + "attn.qkv.weight", 0.02, 3 * d, d));
    if (form.qkvBias()) {
      p.add(ParameterSpec.constant(prefix + "attn.qkv.bias", 0, 3 * d));
    }
    p.add(ParameterSpec.normal(prefix + "attn.proj.weight", 0.02, d, d));
    p.add(ParameterSpec.constant(prefix + "attn.proj.bias", 0, d));
    if (form.layerscale() > 0) {
      p.add(ParameterSpec.constant(prefix + "ls1.gamma", form.layerscale(), d));
    }
    p.addAll(norm(prefix + "norm2", d, form.norm()));
    if (form.feedForward() == FeedForward.MLP) {
      p.addAll(linear(prefix + "mlp.fc1", h, d));
      p.addAll(linear(prefix + "mlp.fc2", d, h));
    } else {
      p.addAll(linear(prefix + "mlp.w1", h, d));
      p.addAll(linear(prefix + "mlp.w2", h, d));
      p.addAll(linear(prefix + "mlp.w3", d, h));
    }
    if (form.layerscale() > 0) {
      p.add(ParameterSpec.constant(prefix + "ls2.gamma", form.layerscale(), d));
    }
    return p;
  }

  static List<ParameterSpec> norm(String prefix, long dim, Norm norm) {
    ParameterSpec weight = ParameterSpec.constant(prefix + ".weight", 1, dim);
    return norm == Norm.RMS
        ? List.of(weight)
        : List.of(weight, ParameterSpec.constant(prefix + ".bias", 0, dim));
  }

  static List<ParameterSpec> linear(String prefix, long out, long in) {
    return List.of(
        ParameterSpec.normal(prefix + ".weight", 0.02, out, in),
        ParameterSpec.constant(prefix + ".bias", 0, out));
  }

  /** The kernel's list for one block. */
  static NDList list(StateDict weights, String prefix, Form form, NDArray none, NDArray biasMask) {
    NDList p = new NDList();
    p.add(weights.tensor(prefix + "norm1.weight"));
    p.add(or(weights, prefix + "norm1.bias", none));
    p.add(weights.tensor(prefix + "attn.qkv.weight"));
    p.add(or(weights, prefix + "attn.qkv.bias", none));
    p.add(form.qkvBias() && form.maskKBias() ? biasMask : none);
    p.add(weights.tensor(prefix + "attn.proj.weight"));
    p.add(or(weights, prefix + "attn.proj.bias", none));
    p.add(or(weights, prefix + "ls1.gamma", none));
    p.add(weights.tensor(prefix + "norm2.weight"));
    p.add(or(weights, prefix + "norm2.bias", none));
    p.add(or(weights, prefix + "ls2.gamma", none));
    String[] layers =
        form.feedForward() == FeedForward.MLP
            ? new String[] {"mlp.fc1", "mlp.fc2"}
            : new String[] {"mlp.w1", "mlp.w2", "mlp.w3"};
    for (String layer : layers) {
      p.add(weights.tensor(prefix + layer + ".weight"));
      p.add(or(weights, prefix + layer + ".bias", none));
    }
    return p;
  }

  static NDArray or(StateDict weights, String name, NDArray none) {
    return weights.contains(name) ? weights.tensor(name) : none;
  }

  /** SwiGLU's hidden width: two thirds, rounded up to the alignment. */
  static int swigluHidden(int dim, double ratio, int alignment) {
    int hidden = (int) (2.0 / 3.0 * (int) (dim * ratio));
    return (hidden + alignment - 1) / alignment * alignment;
  }
}
