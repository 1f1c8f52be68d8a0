package io.dinoflow.ops.report;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.model.eval.EvaluationReport.Difference;
import io.dinoflow.model.eval.EvaluationReport.Score;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.workflow.activity.StageResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The five lines that a manager reads, the same on the terminal and on the page. */
public record Summary(String what, String data, String good, String time, String cost) {

  /**
   * A line with its name.
   *
   * @param label one or two words
   */
  public record Line(String label, String text) {}

  public static Summary of(RunReport report) {
    return new Summary(what(report), data(report), good(report), time(report), cost(report));
  }

  public List<Line> lines() {
    return List.of(
        new Line("what", what),
        new Line("data", data),
        new Line("how good", good),
        new Line("how long", time),
        new Line("cost", cost));
  }

  private static String what(RunReport report) {
    long done = report.stages().stream().filter(s -> s.state() == RunState.DONE).count();
    String description =
        report.recipe().map(r -> r.description()).filter(d -> !d.isBlank()).orElse("");
    String reason = report.run().reason();
    return "recipe %s%s: %s, %d of %d stages done%s"
        .formatted(
            report.run().recipeName(),
            description.isEmpty() ? "" : " (" + description + ")",
            report.run().state().word(),
            done,
            report.stages().size(),
            reason.isEmpty() ? "" : "; " + reason);
  }

  private static String data(RunReport report) {
    for (RunReport.Stage stage : report.stages()) {
      Optional<DatasetRef> dataset = stage.result().flatMap(StageResult::dataset);
      if (dataset.isPresent()) {
        String source =
            stage
                .result()
                .flatMap(StageResult::source)
                .map(s -> ", curated from %s of %s".formatted(pictures(s), s.name()))
                .orElse("");
        String account = stage.facts().getOrDefault("source", "");
        return "%s in dataset %s (%s)%s%s"
            .formatted(
                pictures(dataset.get()),
                dataset.get().name(),
                dataset.get().version().shortForm(),
                source,
                account.isEmpty() ? "" : ": " + account);
      }
    }
    return "no dataset was made yet";
  }

  private static String pictures(DatasetRef dataset) {
    return Wording.count(dataset.samples(), "picture");
  }

  private static String good(RunReport report) {
    return report.evaluation().flatMap(measured -> best(measured.report())).orElse("not measured");
  }

  private static Optional<String> best(EvaluationReport report) {
    Optional<String> headline = headlineMetric(report);
    List<String> trained =
        report.subjects().stream()
            .filter(s -> s.kind() == Subject.Kind.CHECKPOINT)
            .map(Subject::name)
            .toList();
    return headline
        .flatMap(
            name ->
                report.scores().stream()
                    .filter(s -> s.metric().name().equals(name) && trained.contains(s.subject()))
                    .max(Comparator.comparingDouble(s -> s.metric().value())))
        .map(score -> sentence(report, score, trained.size()));
  }

  private static String sentence(EvaluationReport report, Score best, int subjects) {
    List<String> against = new ArrayList<>();
    for (Difference difference : report.differences()) {
      Metric metric = difference.metric();
      if (difference.subject().equals(best.subject())
          && metric.name().equals(best.metric().name())) {
        against.add(
            "%s points against %s".formatted(Wording.points(metric), difference.baseline()));
      }
    }
    return "%s%s reaches %s %% in %s%s"
        .formatted(
            subjects > 1 ? "the best of %d, ".formatted(subjects) : "",
            best.subject(),
            Wording.percent(best.metric()),
            Wording.metric(best.metric().name()),
            against.isEmpty() ? "" : ": " + String.join(", ", against));
  }

  /** The metric that comes first in the report. */
  static Optional<String> headlineMetric(EvaluationReport report) {
    return report.scores().stream().map(score -> score.metric().name()).findFirst();
  }

  private static String time(RunReport report) {
    Instant from = report.run().createdAt();
    Optional<Instant> until = report.run().closedAt();
    return "%s running, from %s %s"
        .formatted(
            Wording.duration(report.active()),
            Wording.time(from),
            until.map(u -> "to " + Wording.time(u)).orElse("until now"));
  }

  private static String cost(RunReport report) {
    List<RunReport.Checkpoint> own = report.ownCheckpoints();
    long bytes = own.stream().mapToLong(c -> c.row().bytes()).sum();
    String stored =
        own.isEmpty()
            ? "no checkpoints"
            : "%s of %s".formatted(Wording.count(own.size(), "checkpoint"), Wording.bytes(bytes));
    String reused =
        report.stages().stream().anyMatch(stage -> stage.reusedFrom().isPresent())
            ? "; reused stages cost nothing again"
            : "";
    if (report.threads() == 0) {
      return stored + reused;
    }
    double hours = report.active().toMillis() / 3_600_000.0 * report.threads();
    return String.format(
        Locale.ROOT,
        "%.2f core-hours (the time on %s); %s%s",
        hours,
        Wording.count(report.threads(), "thread"),
        stored,
        reused);
  }
}
