package io.dinoflow.model.artifact;

/**
 * Names a committed checkpoint.
 *
 * @param id digest of its manifest, which names the commit
 * @param step training steps behind this state
 * @param stateDigest digest over its tensor blobs, equal for equal state whoever computed it
 */
public record CheckpointRef(Sha256 id, TrackId track, long step, Sha256 stateDigest) {
  public ArtifactRef artifact() {
    return new ArtifactRef(ArtifactKind.CHECKPOINT, id);
  }
}
