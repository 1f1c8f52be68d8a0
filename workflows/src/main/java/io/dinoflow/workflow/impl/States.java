package io.dinoflow.workflow.impl;

/** The state words that people see everywhere. */
final class States {
  static final String WAITING = "waiting";
  static final String RUNNING = "running";
  static final String PAUSED = "paused";
  static final String DONE = "done";
  static final String FAILED = "failed";
  static final String CANCELLED = "cancelled";

  private States() {}
}
