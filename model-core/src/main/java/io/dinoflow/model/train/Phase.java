package io.dinoflow.model.train;

/** The parts of a training step, as people look at them; together they are the whole of it. */
public enum Phase {
  /** The loop stands still until the next batch is ready. */
  DATA_WAIT,
  /** Frozen forwards: EMA teacher, Gram teacher, targets. */
  TEACHER_FORWARD,
  /** The student and its heads. */
  STUDENT_FORWARD,
  LOSSES,
  /** Gradients; a block's second forward too, where its inside was not kept. */
  BACKWARD,
  /** Clipping, the check of health, the update. */
  OPTIMIZER,
  /** Moving averages. */
  EMA,
  /** The loop stands still for a checkpoint: its probe, the copy, and what it waits for. */
  CHECKPOINT;

  /** Its name in metrics and tables, such as {@code data_wait}. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
