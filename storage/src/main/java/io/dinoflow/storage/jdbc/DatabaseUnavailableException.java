package io.dinoflow.storage.jdbc;

/** PostgreSQL could not be used now, after the inner retries; trying again later may help. */
public final class DatabaseUnavailableException extends RuntimeException {
  public DatabaseUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
