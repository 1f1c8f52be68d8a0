package io.dinoflow.model.artifact;

/** What an artifact is. */
public enum ArtifactKind {
  /** Images as they came in, with their manifest. */
  SOURCE,
  /** Curated shards with their manifest. */
  DATASET,
  CHECKPOINT,
  EVALUATION,
  /** A model's files as they came from elsewhere. */
  MODEL,
  /** The place of one stage's reused result in a run: it points at what was reused. */
  STAGE
}
