package io.dinoflow.model.hub;

/** A model that dinoflow cannot honour; the message names the file, the key or tensor, and why. */
public final class UnsupportedModelException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnsupportedModelException(String message) {
    super(message);
  }

  UnsupportedModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
