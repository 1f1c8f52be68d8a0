package io.dinoflow.storage.blob;

import io.dinoflow.model.artifact.Sha256;

/**
 * One physical object of a blob.
 *
 * @param gen rises each time the blob is made again after deletion or damage
 */
public record BlobVersion(Sha256 sha256, long gen) implements Comparable<BlobVersion> {

  /** Its key in the object store. */
  public String key() {
    return "cas/%s/%s.%d".formatted(sha256.hex().substring(0, 2), sha256.hex(), gen);
  }

  @Override
  public int compareTo(BlobVersion other) {
    int bySha = sha256.compareTo(other.sha256);
    return bySha != 0 ? bySha : Long.compare(gen, other.gen);
  }
}
