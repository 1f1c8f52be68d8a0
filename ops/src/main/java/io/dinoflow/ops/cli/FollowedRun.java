package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.run.EndReason;
import io.dinoflow.ops.run.PlainView;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.ops.run.RunFollower;
import io.dinoflow.ops.run.RunView;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.PipelineResult;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowFailedException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Following a run from the terminal: shows it until it ends, then says what it made or why it
 * failed. Ctrl-C ends only the looking; the run goes on, and the words that leave say how to come
 * back.
 */
final class FollowedRun {
  private final RunId run;
  private final RunClient client;
  private final OpsConfig config;
  private final Printer printer;

  FollowedRun(RunId run, RunClient client, OpsConfig config, Printer printer) {
    this.run = run;
    this.client = client;
    this.config = config;
    this.printer = printer;
  }

  /** Where to look, in two lines. */
  void announce(String command) {
    printer.note("dinoflow %s   run %s   home %s".formatted(command, run, config.home()));
    List<String> places = new ArrayList<>();
    config.pageUrl().ifPresent(url -> places.add("page " + url + "/runs/" + run));
    config.uiUrl().ifPresent(url -> places.add("temporal " + url));
    if (!places.isEmpty()) {
      printer.note(String.join("   ", places));
    }
  }

  /** Shows the run until it ends; throws what a person needs to know when it failed. */
  PipelineResult untilDone() {
    Thread farewell = new Thread(this::sayHowToComeBack, "farewell");
    Runtime.getRuntime().addShutdownHook(farewell);
    try (RunView view = new PlainView(printer::note)) {
      Optional<WorkflowExecutionStatus> end = new RunFollower(client, view).follow(run);
      if (end.isEmpty()) {
        throw CliFailure.notFound(
            "run " + run + " cannot be followed",
            "Temporal does not know it",
            "`dinoflow runs` lists the runs");
      }
    } finally {
      Runtime.getRuntime().removeShutdownHook(farewell);
    }
    return result();
  }

  /** The result of a closed run. */
  PipelineResult result() {
    try {
      return client.result(run);
    } catch (WorkflowFailedException e) {
      throw new CliFailure(ExitCode.RUN_FAILED, "run " + run + ended(e), EndReason.of(e), remedy(e));
    }
  }

  /** What was made, one line a stage. */
  void summarise(PipelineResult result) {
    for (StageResult stage : result.stages()) {
      String made =
          stage
              .dataset()
              .map(d -> "dataset " + d.name() + " " + d.version().shortForm())
              .orElse("");
      List<String> parts = new ArrayList<>();
      if (!made.isEmpty()) {
        parts.add(made);
      }
      stage
          .checkpoints()
          .forEach(
              c -> parts.add("%s step %,d %s".formatted(c.track(), c.step(), c.id().shortForm())));
      stage.evaluation().ifPresent(e -> parts.add("report " + e.id().shortForm()));
      stage.reusedFrom().ifPresent(from -> parts.add("(reused from " + from + ")"));
      printer.line(" %-12s %s".formatted(stage.stage(), String.join("  ", parts)));
      for (Metric metric : stage.metrics()) {
        printer.line(
            String.format(Locale.ROOT, " %-12s %-40s %.4g", "", metric.name(), metric.value()));
      }
    }
  }

  private void sayHowToComeBack() {
    printer.note("");
    printer.note("run " + run + " goes on; come back with `dinoflow run --attach " + run + "`");
    printer.note(
        "pause it with `dinoflow pause " + run + "`, stop everything with `dinoflow down`");
  }

  private static String ended(WorkflowFailedException e) {
    return EndReason.isCancellation(e) ? " was cancelled" : " failed";
  }

  private String remedy(WorkflowFailedException e) {
    return EndReason.isCancellation(e)
        ? "`dinoflow run --attach %s` goes on from its last checkpoint".formatted(run)
        : "remove the cause, then `dinoflow run --attach %s` goes on from its last checkpoint"
            .formatted(run);
  }
}
