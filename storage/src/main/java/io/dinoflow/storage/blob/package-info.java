/**
 * Immutable blobs named by their digest and a generation number, and the protocol that lets many
 * writers, readers and a collector share them without ever losing a referenced one.
 *
 * <p>Checkpoints and artifacts are made of blobs; this package knows neither. Start at {@link
 * io.dinoflow.storage.blob.BlobStore}, then {@link io.dinoflow.storage.blob.BlobTable} and {@link
 * io.dinoflow.storage.blob.DamagedBlobException}.
 */
package io.dinoflow.storage.blob;
