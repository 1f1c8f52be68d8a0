package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import picocli.CommandLine;

/** Starts the services of a home, or finds them running. */
@CommandLine.Command(
    name = "up",
    description = "Start the services of this home (they stay until `dinoflow down`).")
final class UpCommand extends Command {
  @Override
  protected ExitCode run() throws Exception {
    OpsConfig config = config();
    StatusCommand.print(printer(), config, asJson());
    return ExitCode.OK;
  }
}
