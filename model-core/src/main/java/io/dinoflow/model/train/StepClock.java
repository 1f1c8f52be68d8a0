package io.dinoflow.model.train;

/**
 * Tells the parts of a step apart: one ends where the next begins. Costs a reading of the clock for
 * each; on a device that computes beside the processor a part ends when its work was handed over.
 */
final class StepClock {
  /** Hears nothing. */
  static final StepClock SILENT = new StepClock(metrics -> StepListener.Verdict.GO_ON);

  private final StepListener listener;
  private Phase phase = Phase.DATA_WAIT;
  private long since = System.nanoTime();

  StepClock(StepListener listener) {
    this.listener = listener;
  }

  /** Begins a step with waiting for its data; what came before belongs to no part. */
  void begin() {
    phase = Phase.DATA_WAIT;
    since = System.nanoTime();
  }

  /** Ends the part that goes on and begins another. */
  void enter(Phase next) {
    long now = end();
    phase = next;
    since = now;
  }

  /** Ends the part that goes on. */
  long end() {
    long now = System.nanoTime();
    listener.onPhase(phase, since, now);
    return now;
  }
}
