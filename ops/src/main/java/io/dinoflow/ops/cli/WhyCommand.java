package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.ScheduleFailure;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunRow;
import java.time.Instant;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;

/** Says why a run is in its state, or what a schedule decided. */
@CommandLine.Command(
    name = "why",
    description = "Say why a run is as it is, or why a schedule did or did not start one.")
final class WhyCommand extends Command {
  private static final int FIRINGS_MAX = 30;

  @Parameters(index = "0", paramLabel = "SCHEDULE|RUN", description = "A run's id or a schedule.")
  private String name = "";

  @Override
  protected ExitCode run() throws Exception {
    RunId id = Ids.run(name);
    try (Services services = services()) {
      LineageStore lineage = services.lineage();
      Optional<RunRow> run = lineage.run(id);
      if (run.isPresent()) {
        RunReasons reasons =
            new RunReasons(
                run.get(),
                lineage.stages(id),
                lineage.events(id),
                services.firings().startedBy(id));
        if (asJson()) {
          printer().json(reasons.json());
        } else {
          reasons.lines(Instant.now()).forEach(printer()::line);
        }
        return ExitCode.OK;
      }
      Schedules.Story story = story(services);
      if (asJson()) {
        printer().json(ScheduleReasons.json(story));
      } else {
        ScheduleReasons.lines(story, Instant.now()).forEach(printer()::line);
      }
      return ExitCode.OK;
    }
  }

  private Schedules.Story story(Services services) {
    try {
      return new Schedules(services.workflows())
          .explained(name, services.firings().of(name, FIRINGS_MAX), FIRINGS_MAX, Instant.now());
    } catch (ScheduleFailure e) {
      throw switch (e.kind()) {
        case UNKNOWN, UNSUPPORTED ->
            CliFailure.notFound(
                "nothing is called " + name,
                e.kind() == ScheduleFailure.Kind.UNKNOWN
                    ? "there is neither a run nor a schedule of this name"
                    : "there is no such run, and the in-memory Temporal has no schedules",
                "`dinoflow runs` and `dinoflow schedule list` show what there is");
        case EXISTS, REFUSED -> e;
      };
    }
  }
}
