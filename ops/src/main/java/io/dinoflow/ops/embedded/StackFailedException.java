package io.dinoflow.ops.embedded;

/** The services could not be started; the message says which and why. */
public final class StackFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StackFailedException(String message) {
    super(message);
  }

  public StackFailedException(String message, Throwable cause) {
    super(message, cause);
  }
}
