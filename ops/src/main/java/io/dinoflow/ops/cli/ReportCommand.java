package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.report.HtmlReport;
import io.dinoflow.ops.report.RunReport;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a run's report, of a run that is done as of one that failed or still runs. */
@CommandLine.Command(name = "report", description = "Write a run's report as one HTML file.")
final class ReportCommand extends Command {
  @Parameters(index = "0", paramLabel = "RUN", description = "The run.")
  private String run;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where to write it (default: reports/RUN.html in the home).")
  private Optional<Path> out = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    RunId id = Ids.run(run);
    try (Services services = services()) {
      RunReport report = RunSummary.gather(id, services);
      Path file = out.orElseGet(() -> RunSummary.file(home(), id)).toAbsolutePath();
      new HtmlReport().write(report, file);
      report.missing().forEach(printer()::note);
      Answers.print(
          printer(),
          asJson(),
          Map.of("run", id.value(), "report", file.toString()),
          file.toString());
    }
    return ExitCode.OK;
  }
}
