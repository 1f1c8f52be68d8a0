/**
 * Artifacts other than checkpoints: source and curated datasets, evaluations, reused stages. An
 * artifact is a canonical manifest of immutable blobs, named by the manifest's digest.
 *
 * <p>Depends on blob and lineage. Start at {@link io.dinoflow.storage.artifact.ArtifactStore}, then
 * {@link io.dinoflow.storage.artifact.ArtifactDraft}.
 */
package io.dinoflow.storage.artifact;
