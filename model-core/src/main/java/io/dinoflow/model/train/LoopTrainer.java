package io.dinoflow.model.train;

import ai.djl.ndarray.NDList;
import io.dinoflow.model.data.BatchSource;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one training loop: batch, frozen forwards, then for each learner forward, loss, gradients,
 * clip, check, update, average.
 */
final class LoopTrainer<B, T> implements Trainer {
  private final Objective<B, T> objective;
  private final OptimizerRecipe optim;
  private final HealthGuard guard;
  private @Nullable Mirror mirror;
  private long step;

  LoopTrainer(Objective<B, T> objective, OptimizerRecipe optim, HealthGuard guard, long step) {
    this.objective = objective;
    this.optim = optim;
    this.guard = guard;
    this.step = step;
  }

  @Override
  public long step() {
    return step;
  }

  @Override
  public void run(long untilStep, StepListener listener) {
    if (step >= untilStep) {
      return;
    }
    try (BatchSource<B> batches = objective.batches(step)) {
      while (step < untilStep) {
        long started = System.nanoTime();
        B batch = batches.next();
        Map<String, Double> values = advance(batch);
        StepMetrics metrics =
            new StepMetrics(
                step,
                values,
                objective.pictures(batch),
                (System.nanoTime() - started) / 1e9,
                batches.lastWait().toNanos() / 1e9);
        if (listener.onStep(metrics) == StepListener.Verdict.STOP) {
          return;
        }
      }
    }
  }

  /** One step; a learner's state moves only when its numbers are sound. */
  private Map<String, Double> advance(B batch) {
    Rates rates = Rates.at(optim, step);
    Map<String, Double> values = new TreeMap<>();
    double total = 0;
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      T shared = objective.prepare(scope, batch, rates);
      for (Learner learner : objective.learners()) {
        Map<String, Double> own = advance(scope, learner, shared, rates);
        String prefix = learner.name().isEmpty() ? "" : learner.name() + ".";
        own.forEach((name, value) -> values.put(prefix + name, value));
        total += own.getOrDefault(HealthGuard.LOSS, Double.NaN);
      }
    }
    values.putAll(objective.shared());
    double mean = total / objective.learners().size();
    values.put(HealthGuard.LOSS, mean);
    values.put("lr", rates.lr());
    step++;
    return values;
  }

  private Map<String, Double> advance(TensorScope scope, Learner learner, T shared, Rates rates) {
    try (TensorScope inner = scope.nested()) {
      Loss loss;
      NDList gradients;
      try (Gradients.Recording recording = Gradients.record()) {
        loss = objective.loss(inner, learner, shared, step);
        gradients = Gradients.of(inner, loss.total(), learner.parameters());
      }
      Map<String, Double> values = new LinkedHashMap<>();
      values.put(HealthGuard.LOSS, (double) loss.total().getFloat());
      loss.parts().forEach((name, value) -> values.put(name, (double) value.getFloat()));
      learner
          .clip(inner, gradients, optim.clipGrad())
          .forEach((module, norm) -> values.put(HealthGuard.GRADIENT + module, norm));
      guard.check(learner.name(), step, values);
      learner.update(inner, gradients, optim, rates, step);
      guard.record(learner.name(), values);
      objective.afterUpdate(inner, learner, rates);
      return values;
    }
  }

  @Override
  public Map<String, Snapshot> snapshot(Path folder) {
    Map<String, Snapshot> snapshots = new TreeMap<>();
    for (Learner learner : objective.learners()) {
      snapshots.put(
          learner.name(),
          objective
              .parts(learner)
              .write(StateParts.folder(folder, learner.name()), step, guard.state(learner.name())));
    }
    return snapshots;
  }

  @Override
  public StateCopy copy() {
    Map<String, HealthGuard.State> guards = new TreeMap<>();
    for (Learner learner : objective.learners()) {
      guards.put(learner.name(), guard.state(learner.name()));
    }
    return mirror().fill(step, guards);
  }

  private Mirror mirror() {
    Mirror made = mirror;
    if (made == null) {
      Map<String, StateParts> live = new TreeMap<>();
      objective.learners().forEach(l -> live.put(l.name(), objective.parts(l)));
      made = new Mirror(live);
      mirror = made;
    }
    return made;
  }

  @Override
  public Map<String, Double> probe() {
    return objective.probe();
  }

  @Override
  public void close() {
    if (mirror != null) {
      mirror.close();
    }
    objective.close();
  }
}
