package io.dinoflow.model.train;

/** A loss or gradient norm is not finite; the step was not applied. */
public final class DivergedException extends RuntimeException {
  public DivergedException(String message) {
    super(message);
  }
}
