package io.dinoflow.ops.cli;

import io.dinoflow.activity.maintain.TrackPolicies;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.checkpoint.Housekeeping;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Lets go of what nothing needs; safe beside runs. */
@CommandLine.Command(
    name = "gc",
    description = {
      "Let go of what nothing needs: checkpoints that their recipes do not keep, bytes that nothing"
          + " names, what dead writers left. Safe beside runs; lineage is kept.",
      "A schedule does the same every hour."
    })
final class GcCommand extends Command {
  @Option(names = "--dry-run", description = "Print what would go; change nothing.")
  private boolean dryRun;

  @Option(
      names = "--force",
      description =
          "Go on where far less is held than the last round left, or most objects are unknown.")
  private boolean force;

  @Override
  protected ExitCode run() throws Exception {
    Housekeeping.Limits standard = Housekeeping.Limits.standard();
    Housekeeping.Limits limits = force ? standard.despiteDoubt() : standard;
    try (Services services = services()) {
      TrackPolicies policies = new TrackPolicies(services.lineage());
      Housekeeping housekeeping = services.housekeeping();
      Housekeeping.Round round =
          dryRun
              ? housekeeping.preview(policies, limits)
              : housekeeping.run(policies, limits, phase -> {});
      RoundSheet sheet =
          new RoundSheet(round, dryRun ? RoundSheet.Kind.PREVIEW : RoundSheet.Kind.DONE);
      if (asJson()) {
        printer().json(sheet.json());
      } else {
        sheet.lines().forEach(printer()::line);
      }
      return ExitCode.OK;
    }
  }
}
