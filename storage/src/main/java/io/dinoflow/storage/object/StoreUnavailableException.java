package io.dinoflow.storage.object;

/** The object store could not be used now, after the inner retries; trying later may help. */
public final class StoreUnavailableException extends RuntimeException {
  public StoreUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
