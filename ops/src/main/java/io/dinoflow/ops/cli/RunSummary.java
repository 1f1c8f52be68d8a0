package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Profiles;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.report.HtmlReport;
import io.dinoflow.ops.report.RunReport;
import io.dinoflow.ops.report.RunReports;
import io.dinoflow.ops.report.StoredFacts;
import io.dinoflow.ops.report.TextReport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;

/** How a command ends that followed a run: with its report written and the summary on screen. */
final class RunSummary {
  private RunSummary() {}

  /** Writes the HTML report into the home and prints what a person can act on. */
  static void print(RunId run, Services services, Printer printer) throws IOException {
    RunReport report = gather(run, services);
    OpsConfig config = services.config();
    Path file = file(config.home(), run);
    new HtmlReport().write(report, file);
    TextReport.Places places =
        new TextReport.Places(
            Optional.of(file.toString()),
            config.pageUrl().map(url -> url + "/runs/" + run),
            config.uiUrl());
    new TextReport(places, Commands.commandLine().getSubcommands().keySet())
        .lines(report)
        .forEach(printer::line);
    for (Profiles.Stored profile : Profiles.under(config.home().profiles()).of(run)) {
      printer.line("");
      ProfileSheet.lines(profile).forEach(printer::line);
    }
  }

  static RunReport gather(RunId run, Services services) throws IOException {
    return new RunReports(new StoredFacts(services), Clock.systemUTC()).of(run);
  }

  static Path file(Home home, RunId run) {
    // a run id may have colons, which some file systems refuse
    return home.reports().resolve(run.value().replace(':', '_') + ".html");
  }
}
