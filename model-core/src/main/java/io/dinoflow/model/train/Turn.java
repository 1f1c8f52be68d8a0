package io.dinoflow.model.train;

/**
 * One forward and backward of a learner.
 *
 * @param part which micro-batch of the step, from 0
 * @param clock tells forward and losses apart
 */
record Turn(long step, int part, StepClock clock) {
  /** Of the whole batch. */
  static Turn of(long step) {
    return new Turn(step, 0, StepClock.SILENT);
  }
}
