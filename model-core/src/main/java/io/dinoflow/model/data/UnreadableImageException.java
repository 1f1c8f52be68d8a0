package io.dinoflow.model.data;

/** Bytes that are no picture we read; the message is the reason that a quarantine records. */
public final class UnreadableImageException extends Exception {
  public UnreadableImageException(String reason) {
    super(reason);
  }

  public UnreadableImageException(String reason, Throwable cause) {
    super(reason, cause);
  }
}
