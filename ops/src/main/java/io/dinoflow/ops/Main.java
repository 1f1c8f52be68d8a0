package io.dinoflow.ops;

import io.dinoflow.ops.cli.Commands;

/** The program's entry: {@code dinoflow COMMAND}; exits with the command's {@code ExitCode}. */
public final class Main {
  private Main() {}

  public static void main(String[] arguments) {
    System.exit(Commands.execute(arguments));
  }
}
