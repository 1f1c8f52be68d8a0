package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.Resize;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ConvNeXt (Liu et al. 2022) as DINOv3 distils it: the class token is the global average before the
 * final norm, the patches are the last map, and both go through the same norm. Masks are ignored.
 */
public final class ConvNext implements Backbone {
  private static final int STAGES = 4;
  private static final double EPSILON = 1e-6;

  private final BackboneRecipe.ConvNext recipe;

  public ConvNext(BackboneRecipe.ConvNext recipe) {
    this.recipe = recipe;
  }

  @Override
  public List<ParameterSpec> parameters() {
    List<ParameterSpec> p = new ArrayList<>();
    for (int s = 0; s < STAGES; s++) {
      long dim = recipe.dims().get(s);
      if (s == 0) {
        p.addAll(conv("downsample_layers.0.0", dim, 3, 4));
        p.addAll(Blocks.norm("downsample_layers.0.1", dim, Blocks.Norm.LAYER));
      } else {
        long before = recipe.dims().get(s - 1);
        p.addAll(Blocks.norm("downsample_layers." + s + ".0", before, Blocks.Norm.LAYER));
        p.addAll(conv("downsample_layers." + s + ".1", dim, before, 2));
      }
    }
    for (int s = 0; s < STAGES; s++) {
      long dim = recipe.dims().get(s);
      for (int i = 0; i < recipe.depths().get(s); i++) {
        String prefix = "stages." + s + "." + i + ".";
        p.add(ParameterSpec.constant(prefix + "gamma", recipe.layerscale(), dim));
        p.addAll(conv(prefix + "dwconv", dim, 1, 7));
        p.addAll(Blocks.norm(prefix + "norm", dim, Blocks.Norm.LAYER));
        p.addAll(Blocks.linear(prefix + "pwconv1", 4 * dim, dim));
        p.addAll(Blocks.linear(prefix + "pwconv2", dim, 4 * dim));
      }
    }
    p.addAll(Blocks.norm("norm", recipe.dims().get(3), Blocks.Norm.LAYER));
    return p;
  }

  @Override
  public StateDict buffers(NDManager manager) {
    return new StateDict(Map.of());
  }

  @Override
  public int features() {
    return recipe.dims().get(3);
  }

  @Override
  public int stride() {
    return 32;
  }

  @Override
  public Features forward(TensorScope scope, StateDict weights, NDArray pixels_B3HW, Pass pass) {
    NDArray last = maps(scope, weights, pixels_B3HW, pass).get(STAGES - 1);
    NDArray tokens = tokens(scope, last);
    NDArray patches = norm(scope, weights, tokens);
    return new Features(
        norm(scope, weights, pooled(scope, last)),
        Tensors.tokens(scope, patches, 0, 0),
        patches,
        tokens);
  }

  /**
   * Outputs of chosen stages in evaluation mode, on the patch grid of a transformer: maps are
   * resized to it, bilinear with antialias, and only the last stage is normed.
   *
   * @param stages indexes from 0, ascending
   * @param patchSize pixels along one side that a patch of that grid stands for
   */
  public List<Features> intermediateStages(
      TensorScope scope,
      StateDict weights,
      NDArray pixels_B3HW,
      List<Integer> stages,
      int patchSize) {
    List<NDArray> maps = maps(scope, weights, pixels_B3HW, Pass.eval());
    long toHeight = pixels_B3HW.getShape().get(2) / patchSize;
    long toWidth = pixels_B3HW.getShape().get(3) / patchSize;
    List<Features> taken = new ArrayList<>();
    for (int stage : stages) {
      NDArray map = maps.get(stage);
      NDArray tokens =
          Resize.bilinearAntialiased(
              scope,
              tokens(scope, map),
              map.getShape().get(2),
              map.getShape().get(3),
              toHeight,
              toWidth);
      boolean last = stage == STAGES - 1;
      NDArray cls = pooled(scope, map);
      NDArray patches = last ? norm(scope, weights, tokens) : tokens;
      taken.add(
          new Features(
              last ? norm(scope, weights, cls) : cls,
              Tensors.tokens(scope, patches, 0, 0),
              patches,
              tokens));
    }
    return taken;
  }

  /** The map (B, C, H, W) that each stage gives. */
  private List<NDArray> maps(TensorScope scope, StateDict weights, NDArray pixels, Pass pass) {
    List<NDArray> maps = new ArrayList<>();
    NDArray x =
        TorchKernels.call(scope.manager(), "convnext_stem", pixels, downsampling(weights, 0));
    int block = 0;
    for (int s = 0; s < STAGES; s++) {
      if (s > 0) {
        x = TorchKernels.call(scope.manager(), "convnext_downsample", x, downsampling(weights, s));
      }
      for (int i = 0; i < recipe.depths().get(s); i++) {
        x = block(scope, weights, x, "stages." + s + "." + i + ".", pass, block++);
      }
      maps.add(x);
    }
    return maps;
  }

  private static NDList downsampling(StateDict weights, int stage) {
    return list(
        weights, "downsample_layers." + stage + ".", "0.weight", "0.bias", "1.weight", "1.bias");
  }

  private static NDArray tokens(TensorScope scope, NDArray map) {
    return TorchKernels.call(scope.manager(), "map_to_tokens", map);
  }

  private static NDArray pooled(TensorScope scope, NDArray map) {
    return TorchKernels.call(scope.manager(), "convnext_pool", map);
  }

  private NDArray block(
      TensorScope scope, StateDict weights, NDArray x, String prefix, Pass pass, int index) {
    NDList p =
        list(
            weights,
            prefix,
            "dwconv.weight",
            "dwconv.bias",
            "norm.weight",
            "norm.bias",
            "pwconv1.weight",
            "pwconv1.bias",
            "pwconv2.weight",
            "pwconv2.bias",
            "gamma");
    return pass.block(scope, x, p, (inner, input) -> block(inner, input, p, pass, index));
  }

  private NDArray block(TensorScope scope, NDArray x, NDList p, Pass pass, int index) {
    if (!pass.training() || recipe.dropPathRate() == 0) {
      return TorchKernels.call(scope.manager(), "convnext_block", x, p);
    }
    return TorchKernels.call(
        scope.manager(),
        "convnext_block_subset",
        x,
        p,
        keepFactor(scope, pass.dropPathDraws(index, 0), (int) x.getShape().get(0)));
  }

  /** Per-sample stochastic depth: 0, or one over the probability of being kept. */
  private NDArray keepFactor(TensorScope scope, SeededRandom random, int samples) {
    float[] factor = new float[samples];
    double keep = 1 - recipe.dropPathRate();
    for (int i = 0; i < samples; i++) {
      factor[i] = random.nextBoolean(keep) ? (float) (1 / keep) : 0f;
    }
    return scope.create(factor, new Shape(samples, 1, 1, 1));
  }

  private NDArray norm(TensorScope scope, StateDict weights, NDArray x) {
    return TorchKernels.call(
        scope.manager(),
        "norm",
        x,
        weights.tensor("norm.weight"),
        weights.tensor("norm.bias"),
        EPSILON);
  }

  private static NDList list(StateDict weights, String prefix, String... names) {
    Map<String, NDArray> p = new LinkedHashMap<>();
    for (String name : names) {
      p.put(name, weights.tensor(prefix + name));
    }
    return new NDList(p.values());
  }

  private static List<ParameterSpec> conv(String prefix, long out, long in, long side) {
    return List.of(
        ParameterSpec.normal(prefix + ".weight", 0.02, out, in, side, side),
        ParameterSpec.constant(prefix + ".bias", 0, out));
  }
}
