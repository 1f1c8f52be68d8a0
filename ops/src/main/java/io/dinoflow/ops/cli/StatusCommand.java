package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.embedded.Stack;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;

/** Shows the services of a home; starts nothing. */
@CommandLine.Command(name = "status", description = "Show what runs in this home; starts nothing.")
final class StatusCommand extends Command {
  @Override
  protected ExitCode run() throws Exception {
    Optional<OpsConfig> config = Stack.of(home(), environment()).running();
    if (config.isEmpty()) {
      printer().note("nothing runs in " + home() + "; `dinoflow up` starts the services");
      return ExitCode.UNAVAILABLE;
    }
    print(printer(), config.get(), asJson());
    return ExitCode.OK;
  }

  static void print(Printer printer, OpsConfig config, boolean json) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("home", config.home().toString());
    facts.put("database", config.database().url());
    facts.put("objects", config.objects().endpoint() + "/" + config.objects().bucket());
    facts.put("temporal", config.temporal().address());
    config.uiUrl().ifPresent(url -> facts.put("temporal_ui", url));
    config.pageUrl().ifPresent(url -> facts.put("page", url));
    if (json) {
      printer.json(facts);
    } else {
      facts.forEach((name, value) -> printer.line("%-12s %s".formatted(name, value)));
    }
  }
}
