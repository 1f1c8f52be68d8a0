package io.dinoflow.model.train;

/** Makes the trainer of a stage. */
public final class Trainers {
  private Trainers() {}

  /** Pre-training, Gram anchoring or resolution scaling: a Train stage. */
  public static Trainer ssl(TrainJob job) {
    throw new IllegalStateException("lands with the objectives: " + job.stage());
  }

  /** All students of one group of a Distill stage. */
  public static Trainer distill(TrainJob job) {
    throw new IllegalStateException("lands with the objectives: " + job.stage());
  }

  /** An AlignText stage. */
  public static Trainer align(TrainJob job) {
    throw new IllegalStateException("lands with the objectives: " + job.stage());
  }
}
