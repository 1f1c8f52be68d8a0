package io.dinoflow.ops.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.RunClient;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Changes the recipe of a run that goes on. */
@CommandLine.Command(
    name = "override",
    description = {
      "Change the recipe of a run that goes on: from the next segment of each named stage, as a"
          + " recorded revision.",
      "Steps, Gram refreshes and architectures stay: `dinoflow fork` begins a run that differs."
    })
final class OverrideCommand extends Command {
  @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
  private String run = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "KEY=VALUE",
      description = "Such as pretrain.optim.lr.peak=1e-4.")
  private List<String> settings = List.of();

  @Option(names = "--why", required = true, paramLabel = "TEXT", description = "The reason.")
  private String why = "";

  @Override
  protected ExitCode run() throws Exception {
    ObjectNode overrides = new ObjectMapper().createObjectNode();
    RunRequest.overrides(settings).forEach(overrides::set);
    try (Services services = services()) {
      String answer = new RunClient(services.workflows()).setOverride(Ids.run(run), overrides, why);
      Answers.print(printer(), asJson(), Map.of("run", run, "answer", answer), run + ": " + answer);
      return ExitCode.OK;
    }
  }
}
