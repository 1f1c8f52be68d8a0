package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.registry.NothingBeforeException;
import io.dinoflow.storage.registry.Promotion;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes the last promotion of an alias back. */
@CommandLine.Command(
    name = "rollback",
    description = "Point a model's alias at what it pointed at before its last promotion.")
final class RollbackCommand extends Command {
  @Parameters(index = "0", paramLabel = "MODEL", description = "The model's name.")
  private String model = "";

  @Option(
      names = "--alias",
      defaultValue = "champion",
      description = "Which alias (default: ${DEFAULT-VALUE}).")
  private String alias = "";

  @Option(names = "--why", required = true, paramLabel = "TEXT", description = "The reason.")
  private String why = "";

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      Promotion move = rolledBack(services);
      if (asJson()) {
        printer().json(ModelsCommand.json(move));
      } else {
        printer()
            .line(
                "%s of %s is version %d again (was version %d)"
                    .formatted(alias, model, move.version(), move.replaced().orElseThrow()));
      }
      return ExitCode.OK;
    }
  }

  private Promotion rolledBack(Services services) {
    try {
      return services
          .models()
          .rollback(
              model,
              alias,
              new Promotion.Decision(ModelsCommand.user(environment()), why, Map.of()));
    } catch (NothingBeforeException e) {
      throw new CliFailure(
          ExitCode.CONFLICT,
          "%s of %s cannot be rolled back".formatted(alias, model),
          String.valueOf(e.getMessage()),
          "`dinoflow models %s` shows its history".formatted(model));
    }
  }
}
