package io.dinoflow.activity.hub;

/** The name of an import is taken by another model; the message names what differs. */
public final class ImportConflictException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ImportConflictException(String message) {
    super(message);
  }
}
