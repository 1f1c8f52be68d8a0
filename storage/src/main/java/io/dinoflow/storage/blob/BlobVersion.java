package io.dinoflow.storage.blob;

import io.dinoflow.model.artifact.Sha256;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One physical object of a blob.
 *
 * @param gen rises each time the blob is made again after deletion or damage
 */
public record BlobVersion(Sha256 sha256, long gen) implements Comparable<BlobVersion> {

  /** Where all blobs lie. */
  public static final String ROOT = "cas/";

  private static final Pattern KEY =
      Pattern.compile(ROOT + "[0-9a-f]{2}/([0-9a-f]{64})\\.(\\d{1,18})");

  /** The blob that lies under a key; empty for keys that this product never makes. */
  public static Optional<BlobVersion> ofKey(String key) {
    Matcher matcher = KEY.matcher(key);
    return matcher.matches()
        ? Optional.of(
                new BlobVersion(new Sha256(matcher.group(1)), Long.parseLong(matcher.group(2))))
            .filter(version -> version.key().equals(key))
        : Optional.empty();
  }

  /** Its key in the object store. */
  public String key() {
    return "%s%s/%s.%d".formatted(ROOT, sha256.hex().substring(0, 2), sha256.hex(), gen);
  }

  @Override
  public int compareTo(BlobVersion other) {
    int bySha = sha256.compareTo(other.sha256);
    return bySha != 0 ? bySha : Long.compare(gen, other.gen);
  }
}
