package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.embedded.ProcessId;
import io.dinoflow.ops.embedded.Stack;
import io.dinoflow.ops.embedded.StackState;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;

/** Shows the services of a home; starts nothing. */
@CommandLine.Command(name = "status", description = "Show what runs in this home; starts nothing.")
final class StatusCommand extends Command {
  @Override
  protected ExitCode run() throws Exception {
    Stack stack = Stack.of(home(), environment());
    Optional<OpsConfig> config = stack.running();
    if (config.isEmpty()) {
      printer().note("nothing runs in " + home() + "; `dinoflow up` starts the services");
      return ExitCode.UNAVAILABLE;
    }
    print(printer(), config.get(), asJson());
    stack.livingState().ifPresent(this::printProcesses);
    return ExitCode.OK;
  }

  private void printProcesses(StackState state) {
    if (asJson()) {
      state.children().forEach(printer()::json);
      return;
    }
    for (ProcessId child : state.children()) {
      printer()
          .line(
              "%-14s pid %d, up %s"
                  .formatted(
                      child.name(),
                      child.pid(),
                      age(System.currentTimeMillis() - child.startedAtMillis())));
    }
    state.notices().forEach(printer()::line);
  }

  private static String age(long millis) {
    Duration age = Duration.ofMillis(millis);
    return "%d:%02d:%02d".formatted(age.toHours(), age.toMinutesPart(), age.toSecondsPart());
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
      facts.forEach((name, value) -> printer.line("%-14s %s".formatted(name, value)));
    }
  }
}
