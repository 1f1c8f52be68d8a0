package io.dinoflow.model.data;

/** A dataset lacks what the work needs; another attempt finds the same. */
public final class UnusableDatasetException extends IllegalArgumentException {
  public UnusableDatasetException(String message) {
    super(message);
  }
}
