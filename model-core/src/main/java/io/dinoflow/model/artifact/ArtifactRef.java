package io.dinoflow.model.artifact;

/**
 * Names an artifact. The id is a content digest, so equal content has one id.
 *
 * @param id digest of the artifact's manifest
 */
public record ArtifactRef(ArtifactKind kind, Sha256 id) {}
