package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists checkpoints of all runs, of one, or of one track. */
@CommandLine.Command(
    name = "checkpoints",
    description = "List checkpoints: all, newest first, or those of a run or track, in order.")
final class CheckpointsCommand extends Command {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "RUN|TRACK",
      description = "A run's id, or RUN/STAGE or RUN/STAGE/STUDENT.")
  private Optional<String> of = Optional.empty();

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "50",
      description = "Without RUN or TRACK: listed at most (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Override
  protected ExitCode run() throws Exception {
    int most = Limits.positive("--limit", limit);
    try (Services services = services()) {
      List<CheckpointRow> rows = rows(services.lineage(), most);
      if (asJson()) {
        rows.forEach(row -> printer().json(CheckpointList.json(row)));
      } else if (rows.isEmpty()) {
        printer().note("no checkpoint yet" + of.map(name -> " of " + name).orElse(""));
      } else {
        CheckpointList.lines(rows, Instant.now()).forEach(printer()::line);
      }
      return ExitCode.OK;
    }
  }

  private List<CheckpointRow> rows(LineageStore lineage, int most) {
    if (of.isEmpty()) {
      return lineage.checkpoints(most);
    }
    if (of.get().contains("/")) {
      TrackId track = Ids.track(of.get());
      List<CheckpointRow> rows = lineage.checkpoints(track);
      if (rows.isEmpty()) {
        References.requireStage(lineage, track);
      }
      return rows;
    }
    RunId run = Ids.run(of.get());
    References.run(lineage, run);
    return lineage.checkpoints(run);
  }
}
