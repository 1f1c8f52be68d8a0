package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;

/** What a run would do. */
final class DryRun {
  private DryRun() {}

  static ExitCode print(RunRequest request, Command command) {
    throw CliFailure.usage(
        "no plan of " + request.recipeName(), "planning is not wired yet", command.toString());
  }
}
