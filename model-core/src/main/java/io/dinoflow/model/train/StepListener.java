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

  /**
   * A part of the step that goes on took from one reading of {@link System#nanoTime} to another;
   * parts come in order, each before its step's {@link #onStep}.
   */
  default void onPhase(Phase phase, long fromNanos, long untilNanos) {}
}
