package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;

/** A failure in the three parts a person needs: what failed and where, why, what to do about it. */
public final class CliFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final ExitCode code;
  private final String what;
  private final String why;
  private final String remedy;

  public CliFailure(ExitCode code, String what, String why, String remedy) {
    super(what + ": " + why + " (" + remedy + ")");
    this.code = code;
    this.what = what;
    this.why = why;
    this.remedy = remedy;
  }

  public static CliFailure notFound(String what, String why, String remedy) {
    return new CliFailure(ExitCode.NOT_FOUND, what, why, remedy);
  }

  public static CliFailure usage(String what, String why, String remedy) {
    return new CliFailure(ExitCode.USAGE, what, why, remedy);
  }

  public static CliFailure unavailable(String what, String why, String remedy) {
    return new CliFailure(ExitCode.UNAVAILABLE, what, why, remedy);
  }

  public ExitCode code() {
    return code;
  }

  public String what() {
    return what;
  }

  public String why() {
    return why;
  }

  public String remedy() {
    return remedy;
  }
}
