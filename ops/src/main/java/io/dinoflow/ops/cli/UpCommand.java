package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Preparation;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.embedded.Stack;
import picocli.CommandLine;

/**
 * Starts the services of a home, or finds them running. Where the environment names all of them it
 * starts nothing, but brings them to this version: that is how a deployment is prepared.
 */
@CommandLine.Command(
    name = "up",
    description = {
      "Start the services of this home (they stay until `dinoflow down`).",
      "Where the environment names all services: make their tables, bucket and search attributes."
    })
final class UpCommand extends Command {
  @Override
  protected ExitCode run() throws Exception {
    OpsConfig config = config();
    if (Stack.of(home(), environment()).allExternal()) {
      try (Services services = Services.open(config)) {
        Preparation.apply(services, printer()::note);
      }
    }
    StatusCommand.print(printer(), config, asJson());
    return ExitCode.OK;
  }
}
