package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.RunClient;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Lets a paused run go on. */
@CommandLine.Command(
    name = "resume",
    description = "Let a paused run go on from its last checkpoint.")
final class ResumeCommand extends Command {
  @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
  private String run = "";

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      String answer = new RunClient(services.workflows()).resume(Ids.run(run));
      Answers.print(printer(), asJson(), Map.of("run", run, "answer", answer), run + ": " + answer);
      return ExitCode.OK;
    }
  }
}
