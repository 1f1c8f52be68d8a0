package io.dinoflow.storage.blob;

import java.util.OptionalLong;

/** A stored blob is missing, short, or does not have the digest it is named by. */
public final class DamagedBlobException extends RuntimeException {
  private final FileEntry file;
  private final OptionalLong generation;
  private final String finding;

  /**
   * @param generation of the object that was read: one made anew since is another object; empty
   *     where there was none to read
   */
  public DamagedBlobException(FileEntry file, OptionalLong generation, String finding) {
    super(
        "blob %s (%s, %d bytes) is damaged: %s"
            .formatted(file.sha256(), file.name(), file.bytes(), finding));
    this.file = file;
    this.generation = generation;
    this.finding = finding;
  }

  public FileEntry file() {
    return file;
  }

  public OptionalLong generation() {
    return generation;
  }

  /** What is wrong, without the blob's name. */
  public String finding() {
    return finding;
  }
}
