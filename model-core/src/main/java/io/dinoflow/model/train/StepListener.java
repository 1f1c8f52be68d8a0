package io.dinoflow.model.train;

/** Hears of every step, on the training thread; a slow listener slows training. */
@FunctionalInterface
public interface StepListener {

  /** What the loop does next. */
  enum Verdict {
    GO_ON,
    STOP
  }

  Verdict onStep(StepMetrics metrics);
}
