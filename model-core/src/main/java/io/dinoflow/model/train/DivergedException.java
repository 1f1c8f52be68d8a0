package io.dinoflow.model.train;

/** A loss or gradient norm is not finite, or far from what it was; the step was not applied. */
public final class DivergedException extends RuntimeException {
  private final long step;

  public DivergedException(long step, String message) {
    super(message);
    this.step = step;
  }

  /** Steps behind the state that the refused step began from. */
  public long step() {
    return step;
  }
}
