package io.dinoflow.model.artifact;

/**
 * Why one artifact points at another. The edge leads from what was made to what it was made from.
 */
public enum EdgeKind {
  /** A checkpoint's predecessor on its own track. */
  PARENT,
  /** The checkpoint whose weights a track began with. */
  INITIALISED_FROM,
  /** The checkpoint whose EMA teacher served as Gram teacher. */
  GRAM_TEACHER,
  /** The frozen teacher of a distilled student or of an aligned text tower. */
  DISTILLED_FROM,
  /** The dataset a checkpoint was trained on, or a curated dataset's source. */
  DATASET,
  /** The data or checkpoint an evaluation measured. */
  EVALUATED_ON,
  /** Came from outside. */
  IMPORTED,
  /** A stage's result taken over from an earlier run. */
  REUSED
}
