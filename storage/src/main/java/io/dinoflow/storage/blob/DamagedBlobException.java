package io.dinoflow.storage.blob;

/** A stored blob is missing, short, or does not have the digest it is named by. */
public final class DamagedBlobException extends RuntimeException {
  private final FileEntry file;

  public DamagedBlobException(FileEntry file, String finding) {
    super(
        "blob %s (%s, %d bytes) is damaged: %s"
            .formatted(file.sha256(), file.name(), file.bytes(), finding));
    this.file = file;
  }

  public FileEntry file() {
    return file;
  }
}
