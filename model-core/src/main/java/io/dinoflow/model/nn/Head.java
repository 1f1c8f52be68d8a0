package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.HeadRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.List;

/**
 * A DINO or iBOT head: an MLP to the bottleneck, L2 normalisation, and a bias-free layer to the
 * prototypes, without weight normalisation.
 *
 * <p>Official names: {@code mlp.0, mlp.2, ...} for several layers, {@code mlp} for one, {@code
 * last_layer}.
 */
public final class Head {
  private static final double DEVIATION = 0.02;

  private final int inputs;
  private final HeadRecipe recipe;

  public Head(int inputs, HeadRecipe recipe) {
    this.inputs = inputs;
    this.recipe = recipe;
  }

  public List<ParameterSpec> parameters() {
    List<ParameterSpec> p = new ArrayList<>();
    List<String> layers = layers();
    for (int i = 0; i < layers.size(); i++) {
      long in = i == 0 ? inputs : recipe.hiddenDim();
      long out = i == layers.size() - 1 ? recipe.bottleneckDim() : recipe.hiddenDim();
      p.addAll(Blocks.linear(layers.get(i), out, in));
    }
    p.add(
        ParameterSpec.normal(
            "last_layer.weight", DEVIATION, recipe.nPrototypes(), recipe.bottleneckDim()));
    return p;
  }

  public StateDict initialise(NDManager manager, long seed) {
    return ParameterSpec.initialise(parameters(), manager, seed);
  }

  /** Logits: (R, inputs) to (R, K). */
  public NDArray forward(TensorScope scope, StateDict weights, NDArray x_RD) {
    return TorchKernels.call(
        scope.manager(), "head", x_RD, mlp(weights), weights.tensor("last_layer.weight"));
  }

  /** What the last layer sees: (R, inputs) to (R, bottleneck) of L2 norm 1. */
  public NDArray bottleneck(TensorScope scope, StateDict weights, NDArray x_RD) {
    return TorchKernels.call(scope.manager(), "head_bottleneck", x_RD, mlp(weights));
  }

  private NDList mlp(StateDict weights) {
    NDList p = new NDList();
    for (String layer : layers()) {
      p.add(weights.tensor(layer + ".weight"));
      p.add(weights.tensor(layer + ".bias"));
    }
    return p;
  }

  private List<String> layers() {
    if (recipe.nlayers() == 1) {
      return List.of("mlp");
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < recipe.nlayers(); i++) {
      names.add("mlp." + 2 * i);
    }
    return names;
  }
}
