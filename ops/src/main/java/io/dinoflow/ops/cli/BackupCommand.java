package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.backup.Backup;
import io.dinoflow.storage.backup.BackupIndex;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Copies everything into a folder while runs go on. */
@CommandLine.Command(
    name = "backup",
    description = {
      "Copy every row and every object they name into a folder, verified, while runs go on. A folder"
          + " that holds an older backup is brought up to date.",
      "Exit code 1 where some bytes were damaged and could not be copied; the rest is there."
    })
final class BackupCommand extends Command {
  @Parameters(index = "0", paramLabel = "DIR", description = "The folder to copy into.")
  private Path folder = Path.of("");

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services()) {
      BackupIndex index =
          new Backup(services.database(), services.objects())
              .into(folder.toAbsolutePath().normalize(), printer()::note);
      if (asJson()) {
        printer().json(json(index));
      } else {
        printer()
            .line(
                " %s rows, %s objects, %s in %s, as of %s"
                    .formatted(
                        Quantities.count(index.rows()),
                        Quantities.count(index.objects().size()),
                        Quantities.bytes(index.bytes()),
                        folder,
                        index.at()));
        index.damaged().forEach(damaged -> printer().line(" DAMAGED " + damaged));
      }
      return index.damaged().isEmpty() ? ExitCode.OK : ExitCode.RUN_FAILED;
    }
  }

  static Map<String, Object> json(BackupIndex index) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("at", index.at());
    facts.put("rows", index.rows());
    facts.put("objects", index.objects().size());
    facts.put("bytes", index.bytes());
    facts.put("damaged", index.damaged());
    return facts;
  }
}
