package io.dinoflow.activity.ingest;

/** An archive holds what no honest archive of pictures does; nothing of it was written anywhere. */
public final class UnsafeArchiveException extends RuntimeException {
  UnsafeArchiveException(String archive, String reason) {
    super("archive %s is refused: %s".formatted(archive, reason));
  }
}
