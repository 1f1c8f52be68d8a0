package io.dinoflow.activity.support;

import io.dinoflow.model.train.Phase;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Sums the parts of one step and tells them to whoever watches the process; one thread. */
final class StepPhases {
  private final Map<Phase, Long> nanos = new EnumMap<>(Phase.class);

  /** A part may come several times in a step, once a learner and micro-batch. */
  void add(Phase phase, long took) {
    nanos.merge(phase, took, Long::sum);
  }

  /** The step is through: one observation for each part that it had. */
  void told() {
    nanos.forEach((phase, sum) -> TrainingMeters.phase(phase.word(), seconds(sum)));
    nanos.clear();
  }

  private static double seconds(long nanos) {
    return nanos / (double) TimeUnit.SECONDS.toNanos(1);
  }
}
