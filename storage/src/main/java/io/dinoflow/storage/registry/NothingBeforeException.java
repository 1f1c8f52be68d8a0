package io.dinoflow.storage.registry;

/** An alias cannot be rolled back, because it never pointed at anything else. */
public final class NothingBeforeException extends RuntimeException {
  NothingBeforeException(String message) {
    super(message);
  }
}
