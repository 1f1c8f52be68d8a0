package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.RunClient;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Pauses a run at its next checkpoint. */
@CommandLine.Command(
    name = "pause",
    description = "Checkpoint a run, free its worker, and let it wait for `dinoflow resume`.")
final class PauseCommand extends Command {
  @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
  private String run = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "REASON",
      defaultValue = "by hand",
      description = "Why; shown wherever the run is (default: ${DEFAULT-VALUE}).")
  private String reason = "";

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      String answer = new RunClient(services.workflows()).pause(Ids.run(run), reason);
      Answers.print(printer(), asJson(), Map.of("run", run, "answer", answer), run + ": " + answer);
      return ExitCode.OK;
    }
  }
}
