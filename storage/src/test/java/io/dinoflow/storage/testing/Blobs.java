package io.dinoflow.storage.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small finished files for tests. */
public final class Blobs {
  private Blobs() {}

  /** A file with this text, named within its checkpoint as asked. */
  public static BlobFile text(Path folder, String name, String text) {
    try {
      Path file = Files.createTempFile(folder, "blob", ".bin");
      Files.writeString(file, text);
      byte[] bytes = text.getBytes(UTF_8);
      return new BlobFile(name, file, Sha256.of(bytes), bytes.length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
