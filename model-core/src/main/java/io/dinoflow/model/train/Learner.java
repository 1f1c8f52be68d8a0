package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.AdamW;
import io.dinoflow.model.kernel.Ema;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One network that learns: its sub-modules' master weights, their AdamW moments, and where the
 * objective wants one, their moving average.
 *
 * <p>Gradients are clipped for each sub-module by its own global norm, as the official loop does.
 * The learner owns its arrays and frees them when it is closed.
 */
public final class Learner implements AutoCloseable {

  /** A sub-module: weights with its moments, updated in groups of equal multipliers. */
  private record Module(
      StateDict weights,
      StateDict expAvg,
      StateDict expAvgSq,
      List<ParameterGroups.Group> groups) {}

  private final String name;
  private final NDManager manager;
  private final Map<String, Module> modules = new LinkedHashMap<>();
  private final Map<String, StateDict> averages = new LinkedHashMap<>();

  Learner(NDManager parent, String name) {
    this.name = name;
    this.manager = parent.newSubManager();
  }

  /** The student's name, or empty where the stage has one learner. */
  String name() {
    return name;
  }

  NDManager manager() {
    return manager;
  }

  /** Takes over a sub-module's initial weights, which become leaves for gradients. */
  void add(String module, StateDict weights, ParameterGroups groups) {
    add(module, weights, groups.group(weights.names()));
  }

  /** The same with groups made otherwise; together they name every weight once. */
  void add(String module, StateDict weights, List<ParameterGroups.Group> groups) {
    weights.requireGradients();
    modules.put(
        module,
        new Module(weights, weights.zerosLike(manager), weights.zerosLike(manager), groups));
  }

  /** Keeps a moving average of a sub-module, equal to it at first. */
  void average(String module) {
    averages.put(module, weights(module).duplicate(manager));
  }

  StateDict weights(String module) {
    return module(module).weights();
  }

  StateDict averaged(String module) {
    StateDict average = averages.get(module);
    if (average == null) {
      throw new IllegalArgumentException(
          "no average of \"%s\"; there are %s".formatted(module, averages.keySet()));
    }
    return average;
  }

  List<String> moduleNames() {
    return List.copyOf(modules.keySet());
  }

  Map<String, StateDict> averages() {
    return averages;
  }

  /** First and second moments of a sub-module. */
  List<StateDict> moments(String module) {
    return List.of(module(module).expAvg(), module(module).expAvgSq());
  }

  /** All master weights, in module order. */
  NDList parameters() {
    NDList all = new NDList();
    modules.values().forEach(m -> all.addAll(m.weights().list()));
    return all;
  }

  /**
   * Clips each sub-module's gradients in place.
   *
   * @param gradients in the order of {@link #parameters()}
   * @return norms before clipping, by sub-module
   */
  Map<String, Double> clip(TensorScope scope, NDList gradients, double maxNorm) {
    Map<String, Double> norms = new LinkedHashMap<>();
    int from = 0;
    for (Map.Entry<String, Module> e : modules.entrySet()) {
      int to = from + e.getValue().weights().size();
      NDList part = new NDList(gradients.subList(from, to));
      norms.put(e.getKey(), (double) Gradients.clip(scope, part, maxNorm));
      from = to;
    }
    return norms;
  }

  /**
   * One AdamW update of every sub-module.
   *
   * @param step updates made before this one since the moments were zero
   */
  void update(TensorScope scope, NDList gradients, OptimizerRecipe optim, Rates rates, long step) {
    NDArray updates = scope.create(new float[] {step + 1});
    int from = 0;
    for (Module module : modules.values()) {
      Map<String, NDArray> gradient = new LinkedHashMap<>();
      for (String parameter : module.weights().names()) {
        gradient.put(parameter, gradients.get(from++));
      }
      for (ParameterGroups.Group group : module.groups()) {
        ParameterGroups.Multipliers m = group.multipliers();
        double lr =
            m.lastLayer() == ParameterGroups.LastLayer.YES ? rates.lastLayerLr() : rates.lr();
        NDList g = new NDList();
        group.names().forEach(n -> g.add(gradient.get(n)));
        AdamW.update(
            scope,
            module.weights().list(group.names()),
            g,
            module.expAvg().list(group.names()),
            module.expAvgSq().list(group.names()),
            updates,
            new AdamW.Settings(
                lr * m.lr(),
                rates.weightDecay() * m.weightDecay(),
                optim.adamwBeta1(),
                optim.adamwBeta2()));
      }
    }
  }

  /** Moves every average toward its sub-module: t = m t + (1 - m) s. */
  void updateAverages(TensorScope scope, double momentum) {
    averages.forEach(
        (module, average) ->
            Ema.update(scope, average.list(), weights(module).list(average.names()), momentum));
  }

  @Override
  public void close() {
    List<StateDict> all = new ArrayList<>(averages.values());
    modules.values().forEach(m -> all.addAll(List.of(m.weights(), m.expAvg(), m.expAvgSq())));
    all.forEach(StateDict::close);
    manager.close();
  }

  private Module module(String module) {
    Module m = modules.get(module);
    if (m == null) {
      throw new IllegalArgumentException(
          "no sub-module \"%s\"; there are %s".formatted(module, modules.keySet()));
    }
    return m;
  }
}
