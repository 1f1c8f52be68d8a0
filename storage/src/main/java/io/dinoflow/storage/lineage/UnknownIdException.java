package io.dinoflow.storage.lineage;

/** No such run, checkpoint, dataset or artifact. */
public final class UnknownIdException extends RuntimeException {
  public UnknownIdException(String message) {
    super(message);
  }
}
