package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.backup.Restore;
import io.dinoflow.storage.lineage.RunRow;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Brings a backup into an empty home. */
@CommandLine.Command(
    name = "restore",
    description = {
      "Bring a backup into an empty home (or an empty database and bucket), and read everything"
          + " back. Refuses where something is there already.",
      "Runs that went on when the backup was made are begun again with `run --attach`."
    })
final class RestoreCommand extends Command {
  private static final int RUNS_TOLD_MAX = 10_000;

  @Parameters(index = "0", paramLabel = "DIR", description = "A folder that `backup` wrote.")
  private Path folder = Path.of("");

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      Restore.Restored restored =
          new Restore(services.database(), services.objects())
              .from(folder.toAbsolutePath().normalize(), printer()::note);
      List<String> open =
          services.lineage().runs(RUNS_TOLD_MAX).stream()
              .filter(run -> !run.state().isClosed())
              .map(RunRow::id)
              .map(Object::toString)
              .toList();
      boolean good = restored.readBack().damaged().isEmpty();
      if (asJson()) {
        Map<String, Object> facts = BackupCommand.json(restored.index());
        facts.put("readBack", restored.readBack().blobs());
        facts.put("readBackDamaged", restored.readBack().damaged().size());
        facts.put("openRuns", open);
        printer().json(facts);
      } else {
        printer()
            .line(
                " %s rows and %s objects are back, as of %s; %s read back, %s damaged"
                    .formatted(
                        Quantities.count(restored.index().rows()),
                        Quantities.count(restored.index().objects().size()),
                        restored.index().at(),
                        Quantities.bytes(restored.readBack().bytes()),
                        good ? "none" : restored.readBack().damaged().size()));
        open.forEach(run -> printer().note("`dinoflow run --attach " + run + "` goes on with it"));
      }
      return good ? ExitCode.OK : ExitCode.RUN_FAILED;
    }
  }
}
