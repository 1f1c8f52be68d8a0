package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunState;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Lists runs. */
@CommandLine.Command(name = "runs", description = "List the runs, newest first.")
final class RunsCommand extends Command {
  /** So that a filter sees more than the newest few. */
  private static final int LOOK_BACK = 1000;

  @Option(
      names = "--limit",
      paramLabel = "N",
      defaultValue = "20",
      description = "Runs listed at most (default: ${DEFAULT-VALUE}).")
  private int limit;

  @Option(
      names = "--state",
      paramLabel = "STATE",
      description = "Only runs that are ${COMPLETION-CANDIDATES}.")
  private Optional<RunState> state = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    int most = Limits.positive("--limit", limit);
    try (Services services = services()) {
      LineageStore lineage = services.lineage();
      List<RunList.Entry> entries =
          lineage.runs(state.isPresent() ? LOOK_BACK : most).stream()
              .filter(run -> state.isEmpty() || state.get() == run.state())
              .limit(most)
              .map(run -> new RunList.Entry(run, lineage.stages(run.id())))
              .toList();
      if (asJson()) {
        entries.forEach(entry -> printer().json(RunList.json(entry)));
      } else if (entries.isEmpty()) {
        printer().note("no runs; `dinoflow demo` or `dinoflow run RECIPE` starts one");
      } else {
        RunList.lines(entries, Instant.now()).forEach(printer()::line);
      }
      return ExitCode.OK;
    }
  }
}
