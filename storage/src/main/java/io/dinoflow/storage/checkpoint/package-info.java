/**
 * Checkpoints: the commit protocol that makes a training state real, the fence that keeps two
 * owners of one track apart, retention, and the collector of blobs that nothing names any more.
 *
 * <p>Depends on blob, artifact and lineage. Start at {@link
 * io.dinoflow.storage.checkpoint.CheckpointStore}, then {@link
 * io.dinoflow.storage.checkpoint.Claim}, {@link io.dinoflow.storage.checkpoint.CheckpointDraft} and
 * {@link io.dinoflow.storage.checkpoint.Manifest}.
 */
package io.dinoflow.storage.checkpoint;
