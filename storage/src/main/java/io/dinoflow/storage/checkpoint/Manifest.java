package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.lineage.EdgeDraft;
import java.util.List;
import java.util.Optional;

/**
 * What a checkpoint consists of; the digest of its canonical JSON is the checkpoint's id.
 *
 * @param stateDigest equal for equal state whoever computed it, unlike the id
 */
public record Manifest(
    String format,
    TrackId track,
    long step,
    Optional<Sha256> parent,
    long fence,
    Sha256 stateDigest,
    List<FileEntry> files,
    List<EdgeDraft> edges,
    Environment environment) {
  public static final String FORMAT = "dinoflow.checkpoint/1";

  public Manifest {
    files = List.copyOf(files);
    edges = List.copyOf(edges);
  }
}
