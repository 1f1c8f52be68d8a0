package io.dinoflow.ops.chaos;

/** Something did not come back to life, or did what it must not do. */
final class BrokenPromiseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BrokenPromiseException(String message) {
    super(message);
  }
}
