package io.dinoflow.activity.ingest;

/**
 * What {@code data.source} names is not there or not what it should be; a retry changes nothing.
 */
public final class BadSourceException extends RuntimeException {
  BadSourceException(String message) {
    super(message);
  }

  BadSourceException(String message, Throwable cause) {
    super(message, cause);
  }
}
