package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.data.BatchSource;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.tensor.TensorScope;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The one training loop: batch, frozen forwards, then for each learner forward, loss, gradients
 * (summed over micro-batches), clip, check, update, average.
 */
final class LoopTrainer<B, T> implements Trainer {
  private final Objective<B, T> objective;
  private final OptimizerRecipe optim;
  private final HealthGuard guard;
  private @Nullable Mirror mirror;
  private @Nullable BatchSource<B> batches;
  private StepClock clock = StepClock.SILENT;
  private long nextBatch;
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
    clock = new StepClock(listener);
    BatchSource<B> source = batches();
    while (step < untilStep) {
      clock.begin();
      long started = System.nanoTime();
      B batch = source.next();
      nextBatch++;
      clock.enter(Phase.TEACHER_FORWARD);
      Map<String, Double> values = advance(batch);
      TorchKernels.finish();
      StepMetrics metrics =
          new StepMetrics(
              step,
              values,
              objective.pictures(batch),
              (clock.end() - started) / 1e9,
              source.lastWait().toNanos() / 1e9);
      if (listener.onStep(metrics) == StepListener.Verdict.STOP) {
        return;
      }
    }
  }

  /** What was read ahead stays of use from one call to the next; not where a step was refused. */
  private BatchSource<B> batches() {
    BatchSource<B> source = batches;
    if (source != null && nextBatch == step) {
      return source;
    }
    closeBatches();
    source = objective.batches(step);
    batches = source;
    nextBatch = step;
    return source;
  }

  private void closeBatches() {
    if (batches != null) {
      batches.close();
      batches = null;
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
      Differentiated d = differentiated(inner, learner, shared);
      clock.enter(Phase.OPTIMIZER);
      Map<String, Double> values = d.values();
      learner
          .clip(inner, d.gradients(), optim.clipGrad())
          .forEach((module, norm) -> values.put(HealthGuard.GRADIENT + module, norm));
      guard.check(learner.name(), step, values);
      learner.update(inner, d.gradients(), optim, rates, step);
      guard.record(learner.name(), values);
      clock.enter(Phase.EMA);
      objective.afterUpdate(inner, learner, rates);
      return values;
    }
  }

  /** A learner's gradients and the numbers of its loss. */
  private record Differentiated(NDList gradients, Map<String, Double> values) {}

  private Differentiated differentiated(TensorScope scope, Learner learner, T shared) {
    int parts = objective.parts();
    if (parts == 1) {
      return differentiated(scope, learner, shared, 0, 1);
    }
    Map<String, Double> values = new LinkedHashMap<>();
    NDList sum = new NDList();
    for (int part = 0; part < parts; part++) {
      try (TensorScope inner = scope.nested()) {
        T own = objective.part(inner, shared, part);
        Differentiated d = differentiated(inner, learner, own, part, 1.0 / parts);
        d.values().forEach((name, value) -> values.merge(name, value / parts, Double::sum));
        NDList grown = sum.isEmpty() ? d.gradients() : Gradients.sum(inner, sum, d.gradients());
        grown.forEach(scope::adopt);
        sum.forEach(NDArray::close);
        sum = grown;
      }
    }
    return new Differentiated(sum, values);
  }

  private Differentiated differentiated(
      TensorScope scope, Learner learner, T shared, int part, double weight) {
    clock.enter(Phase.STUDENT_FORWARD);
    Loss loss;
    NDList gradients;
    try (Gradients.Recording recording = Gradients.record()) {
      loss = objective.loss(scope, learner, shared, new Turn(step, part, clock));
      clock.enter(Phase.BACKWARD);
      gradients = loss.gradients(scope, weight, learner.parameters());
    }
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(HealthGuard.LOSS, (double) HostMemory.number(loss.total()));
    loss.parts().forEach((name, value) -> values.put(name, (double) HostMemory.number(value)));
    return new Differentiated(gradients, values);
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
  public void restore(Map<String, Path> folders) {
    for (Learner learner : objective.learners()) {
      Path own = folders.get(learner.name());
      if (own != null) {
        guard.restore(learner.name(), objective.parts(learner).read(own));
      }
    }
  }

  @Override
  public Map<String, Double> probe() {
    return objective.probe();
  }

  @Override
  public void close() {
    closeBatches();
    if (mirror != null) {
      mirror.close();
    }
    objective.close();
  }
}
