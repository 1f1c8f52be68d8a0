package io.dinoflow.storage.object;

/** Nothing is under the key. */
public final class ObjectMissingException extends RuntimeException {
  private final String key;

  public ObjectMissingException(String key) {
    super("no object under \"%s\": it was never written, or was deleted by hand".formatted(key));
    this.key = key;
  }

  public String key() {
    return key;
  }
}
