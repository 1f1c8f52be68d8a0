package io.dinoflow.storage.lineage;

/**
 * What opening a run found.
 *
 * @param run as stored; on a conflict its {@code recipeJson} is the one to compare with
 */
public record RunOpening(Outcome outcome, RunRow run) {

  /** How the asked run relates to the stored one. */
  public enum Outcome {
    /** The run is new. */
    INSERTED,
    /** The same recipe was opened under this id before. */
    SAME,
    /** Another recipe has this id; nothing was changed. */
    CONFLICT
  }
}
