package io.dinoflow.model.artifact;

/**
 * Names a version of a dataset.
 *
 * @param kind SOURCE for images as they came in, DATASET for curated ones
 * @param version digest of its manifest
 */
public record DatasetRef(ArtifactKind kind, String name, Sha256 version, long samples) {
  public ArtifactRef artifact() {
    return new ArtifactRef(kind, version);
  }
}
