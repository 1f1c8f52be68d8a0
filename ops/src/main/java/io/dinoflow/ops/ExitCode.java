package io.dinoflow.ops;

/** What a command's exit says to a script. */
public enum ExitCode {
  OK(0),
  RUN_FAILED(1),
  USAGE(2),
  NOT_FOUND(3),
  GATE_REFUSED(4),
  CONFLICT(5),
  UNAVAILABLE(75),
  INTERRUPTED(130);

  private final int value;

  ExitCode(int value) {
    this.value = value;
  }

  public int value() {
    return value;
  }
}
