package io.dinoflow.storage.checkpoint;

/** The step is not above the head's: this work was done already. */
public final class StaleStepException extends RuntimeException {
  public StaleStepException(String message) {
    super(message);
  }
}
