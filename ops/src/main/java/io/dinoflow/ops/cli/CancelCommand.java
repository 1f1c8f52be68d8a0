package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.RunClient;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Ends a run at its next step boundary; what it committed stays. */
@CommandLine.Command(
    name = "cancel",
    description = "End a run after a last checkpoint; `dinoflow run --attach` can go on from it.")
final class CancelCommand extends Command {
  @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
  private String run = "";

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      new RunClient(services.workflows()).cancel(Ids.run(run));
      Answers.print(
          printer(),
          asJson(),
          Map.of("run", run, "answer", "cancelling"),
          run + ": asked to checkpoint and end");
      return ExitCode.OK;
    }
  }
}
