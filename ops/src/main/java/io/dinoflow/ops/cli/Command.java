package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.embedded.Stack;
import io.dinoflow.ops.run.Screen;
import io.dinoflow.ops.run.TerminalScreen;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * A command: options every command has, and the way to the services. Subclasses implement {@link
 * #run} and return an exit code; failures are thrown (see {@link ErrorReport}).
 *
 * <p>Convention: a command that prints a result honours {@link #asJson()}: one JSON value a line on
 * standard output and nothing else there.
 */
public abstract class Command implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--home",
      paramLabel = "DIR",
      description = "Folder that holds all state (default: $DINOFLOW_HOME or ~/.dinoflow).")
  private Path home;

  @Option(names = "--json", description = "Print results as JSON, one value a line.")
  private boolean json;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  /** What the command does. */
  protected abstract ExitCode run() throws Exception;

  @Override
  public final Integer call() throws Exception {
    return run().value();
  }

  protected final Home home() {
    return home == null ? Home.of(environment()) : new Home(home);
  }

  protected final boolean asJson() {
    return json;
  }

  protected final Map<String, String> environment() {
    return System.getenv();
  }

  protected final Printer printer() {
    return new Printer(spec.commandLine().getOut(), spec.commandLine().getErr());
  }

  /** True where progress may be redrawn in place: a terminal, and no {@code --json}. */
  protected final boolean onTerminal() {
    return System.console() != null && !json;
  }

  /** The terminal to draw progress on, where there is one and nobody asked for JSON. */
  protected final Optional<Screen> screen() {
    return onTerminal()
        ? TerminalScreen.open(environment()).map(Screen.class::cast)
        : Optional.empty();
  }

  /** The services of this home, started if they do not run; close after use. */
  protected final Services services() throws Exception {
    return Services.open(config());
  }

  /** Where the services of this home are; starts them if they do not run. */
  protected final OpsConfig config() throws Exception {
    return Stack.of(home(), environment()).ensureUp(printer()::note);
  }
}
