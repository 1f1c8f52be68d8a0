package io.dinoflow.storage.checkpoint;

/**
 * The database went away while it was to commit, and whether it did cannot be found out now. Going
 * on from the track's head, once it can be read, is right in both cases.
 */
public final class CommitUnknownException extends RuntimeException {
  public CommitUnknownException(String message, Throwable cause) {
    super(message, cause);
  }
}
