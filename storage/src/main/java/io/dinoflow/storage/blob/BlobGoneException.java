package io.dinoflow.storage.blob;

/** A blob was collected, or found damaged, between its upload and the commit; commit again. */
public final class BlobGoneException extends RuntimeException {
  public BlobGoneException(String message) {
    super(message);
  }
}
