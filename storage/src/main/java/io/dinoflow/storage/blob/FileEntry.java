package io.dinoflow.storage.blob;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;

/**
 * A file of a checkpoint or artifact, as its manifest lists it.
 *
 * @param name within the checkpoint or artifact
 */
public record FileEntry(String name, Sha256 sha256, long bytes) {
  public static FileEntry of(BlobFile file) {
    return new FileEntry(file.name(), file.sha256(), file.bytes());
  }
}
