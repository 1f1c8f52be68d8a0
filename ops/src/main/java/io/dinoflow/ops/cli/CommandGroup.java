package io.dinoflow.ops.cli;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** A command that only holds others, such as {@code recipe list}; alone it shows its help. */
abstract class CommandGroup implements Runnable {
  @Spec private CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this help.")
  private boolean help;

  @Override
  public final void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "it needs one of: " + String.join(", ", spec.commandLine().getSubcommands().keySet()));
  }
}
