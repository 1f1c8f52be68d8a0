package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Profiles;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.ops.run.RunSnapshot;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunRow;
import io.grpc.StatusRuntimeException;
import io.temporal.client.WorkflowException;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Shows one run. */
@CommandLine.Command(
    name = "show",
    description = "Show a run: stages, numbers, checkpoints, events, and what it does now.")
final class ShowCommand extends Command {
  @Parameters(index = "0", paramLabel = "RUN", description = "The run's id.")
  private String run = "";

  @Override
  protected ExitCode run() throws Exception {
    RunId id = Ids.run(run);
    try (Services services = services()) {
      LineageStore lineage = services.lineage();
      RunRow row = References.run(lineage, id);
      RunSheet sheet =
          new RunSheet(
              row,
              lineage.stages(id),
              lineage.checkpoints(id),
              lineage.events(id),
              Profiles.under(home().profiles()).of(id),
              row.state().isClosed() ? Optional.empty() : now(services, id));
      if (asJson()) {
        printer().json(sheet.json());
      } else {
        sheet.lines(Instant.now()).forEach(printer()::line);
      }
      return ExitCode.OK;
    }
  }

  /** The database alone says most of it, so a silent Temporal is only remarked upon. */
  private Optional<RunSnapshot> now(Services services, RunId id) {
    try {
      return Optional.of(new RunClient(services.workflows()).snapshot(id));
    } catch (WorkflowException | StatusRuntimeException e) {
      printer().note("what the run does now cannot be asked: " + e.getMessage());
      return Optional.empty();
    }
  }
}
