package io.dinoflow.ops.embedded;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The secrets of a home, in one file that only its owner may read. The key pair of the embedded S3
 * server is drawn once and stays, because the server's clients outlive a restart.
 */
final class Credentials {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final SecureRandom RANDOM = new SecureRandom();

  private final Path file;

  Credentials(Path homeFolder) {
    this.file = homeFolder.resolve("credentials.json");
  }

  /** Everything in the file; empty when there is none. */
  Map<String, String> read() throws IOException {
    return Files.exists(file)
        ? JSON.readValue(Files.readString(file), new TypeReference<Map<String, String>>() {})
        : Map.of();
  }

  /** The value under a name, drawn and kept when it is not there. */
  String drawnOnce(String name) throws IOException {
    String kept = read().get(name);
    if (kept != null) {
      return kept;
    }
    byte[] secret = new byte[20];
    RANDOM.nextBytes(secret);
    String drawn = HexFormat.of().formatHex(secret);
    keep(Map.of(name, drawn));
    return drawn;
  }

  /** Adds or replaces values. */
  void keep(Map<String, String> values) throws IOException {
    Map<String, String> all = new TreeMap<>(read());
    all.putAll(values);
    Files.createDirectories(file.getParent());
    Path draft = file.resolveSibling("credentials.json.draft");
    Files.deleteIfExists(draft);
    Files.createFile(draft, ownerOnly());
    Files.writeString(draft, JSON.writeValueAsString(all));
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  static FileAttribute<?>[] ownerOnly() {
    return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
        ? new FileAttribute<?>[] {
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
        }
        : new FileAttribute<?>[0];
  }
}
