package io.dinoflow.storage.blob;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sha256;
import java.util.regex.Pattern;

/**
 * A file of a checkpoint or artifact, as its manifest lists it.
 *
 * @param name within the checkpoint or artifact: a relative path that stays inside its folder
 */
public record FileEntry(String name, Sha256 sha256, long bytes) {
  private static final Pattern NAME = Pattern.compile("[\\w-][\\w.-]*(/[\\w-][\\w.-]*)*");

  public FileEntry {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "file name \"%s\" is not allowed: letters, digits, _ - . in parts joined by /, none beginning with a dot"
              .formatted(name));
    }
  }

  public static FileEntry of(BlobFile file) {
    return new FileEntry(file.name(), file.sha256(), file.bytes());
  }
}
