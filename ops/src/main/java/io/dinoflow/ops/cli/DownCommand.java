package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.embedded.Stack;
import picocli.CommandLine;

/** Stops the services of a home. */
@CommandLine.Command(
    name = "down",
    description = "Stop the services of this home; runs go on where they were after `dinoflow up`.")
final class DownCommand extends Command {
  @Override
  protected ExitCode run() throws Exception {
    Stack.of(home(), environment()).down(printer()::note);
    return ExitCode.OK;
  }
}
