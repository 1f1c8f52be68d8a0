package io.dinoflow.ops.web;

/** A parameter of a request that cannot be used; the message says which, why and what would do. */
final class BadQueryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  BadQueryException(String message) {
    super(message);
  }
}
