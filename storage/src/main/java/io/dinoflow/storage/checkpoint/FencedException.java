package io.dinoflow.storage.checkpoint;

/** Somebody else owns the track now, or its run is closed: stop quietly, commit nothing more. */
public final class FencedException extends RuntimeException {
  public FencedException(String message) {
    super(message);
  }
}
