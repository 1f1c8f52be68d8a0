package io.dinoflow.ops.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.model.eval.EvaluationReport.Difference;
import io.dinoflow.model.eval.EvaluationReport.FeatureMaps;
import io.dinoflow.model.eval.EvaluationReport.Score;
import io.dinoflow.model.eval.EvaluationReport.Subject;
import io.dinoflow.model.eval.EvaluationReport.TextRetrieval;
import io.dinoflow.workflow.activity.StageResult;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A report as its template shows it: every number already in words, nothing yet escaped (that is
 * the template's).
 *
 * @param style the style sheet, within the page because the page is one file
 */
public record ReportPage(
    RunReport report,
    Summary summary,
    List<Strip> strips,
    List<Query> queries,
    List<String> verdicts,
    Table scores,
    Table differences,
    Table retrieval,
    List<ChapterFigures> chapters,
    List<StageLine> stages,
    List<CheckpointTable> checkpoints,
    String recipe,
    String protocol,
    String style) {

  /**
   * A row of pictures under one name.
   *
   * @param size such as {@code 64 × 64 px}
   */
  public record Strip(String name, String size, List<Shown> pictures) {}

  /** A picture, or the name of one that is missing. */
  public record Shown(Optional<Picture> picture, String text) {}

  /** A caption and what was found for it. */
  public record Query(String caption, List<Found> found) {}

  /**
   * @param hit whether its own caption is the query
   */
  public record Found(Shown shown, String caption, String similarity, boolean hit) {}

  /**
   * @param columns without the first, which names the row
   */
  public record Table(String first, List<String> columns, List<Row> rows) {
    /** A row with its name; a quiet one is a baseline. */
    public record Row(String name, String kind, List<String> cells) {}

    public boolean isEmpty() {
      return rows.isEmpty();
    }
  }

  public record ChapterFigures(String title, List<Figure> figures) {}

  public record StageLine(
      String name, String kind, String state, String reason, String took, String made) {}

  /** The checkpoints of a track. */
  public record CheckpointTable(String track, List<String> metrics, List<CheckpointLine> lines) {}

  public record CheckpointLine(
      String step, String id, String fullId, String size, String state, List<String> metrics) {}

  static ReportPage of(RunReport report, String style) {
    Optional<Measured> measured = report.evaluation();
    Optional<EvaluationReport> evaluation = measured.map(Measured::report);
    return new ReportPage(
        report,
        Summary.of(report),
        measured.map(ReportPage::strips).orElse(List.of()),
        measured.map(ReportPage::queries).orElse(List.of()),
        evaluation.map(ReportPage::verdicts).orElse(List.of()),
        evaluation.map(ReportPage::scores).orElse(empty("subject")),
        evaluation.map(ReportPage::differences).orElse(empty("subject")),
        evaluation
            .flatMap(EvaluationReport::retrieval)
            .map(ReportPage::retrieval)
            .orElse(empty("direction")),
        chapters(report),
        report.stages().stream().map(ReportPage::stage).toList(),
        report.stages().stream()
            .flatMap(stage -> stage.tracks().stream())
            .filter(track -> !track.checkpoints().isEmpty())
            .map(ReportPage::checkpoints)
            .toList(),
        yaml(report),
        evaluation.map(ReportPage::protocol).orElse(""),
        style);
  }

  public String title() {
    return "run " + report.run().id();
  }

  /** What a kind of chart means is said once. */
  public static List<ChapterFigures> chapters(RunReport report) {
    Set<String> said = new HashSet<>();
    return report.chapters().stream()
        .map(
            chapter ->
                new ChapterFigures(
                    chapter.title(),
                    Figure.of(chapter).stream()
                        .map(figure -> said.add(figure.note()) ? figure : figure.withoutNote())
                        .toList()))
        .filter(chapter -> !chapter.figures().isEmpty())
        .toList();
  }

  private static List<Strip> strips(Measured measured) {
    List<Strip> strips = new ArrayList<>();
    Set<List<String>> shown = new HashSet<>();
    for (FeatureMaps maps : measured.report().featureMaps()) {
      // all subjects see the same pictures: once is enough
      if (!maps.originals().isEmpty() && shown.add(maps.originals())) {
        strips.add(strip("pictures", measured, maps.originals()));
      }
      strips.add(strip(maps.subject(), measured, maps.maps()));
    }
    return strips;
  }

  private static Strip strip(String name, Measured measured, List<String> files) {
    List<Shown> shown = files.stream().map(file -> shown(measured, file, name)).toList();
    String size =
        shown.stream()
            .flatMap(s -> s.picture().stream())
            .map(p -> p.width() + " × " + p.height() + " px")
            .distinct()
            .reduce((a, b) -> "several sizes")
            .orElse("");
    return new Strip(name, size, shown);
  }

  private static Shown shown(Measured measured, String file, String text) {
    return new Shown(Optional.ofNullable(measured.pictures().get(file)), text);
  }

  private static List<Query> queries(Measured measured) {
    return measured.report().retrieval().map(TextRetrieval::grid).orElse(List.of()).stream()
        .map(
            query ->
                new Query(
                    query.caption(),
                    query.hits().stream()
                        .map(
                            hit ->
                                new Found(
                                    shown(measured, hit.file(), hit.caption()),
                                    hit.caption(),
                                    Wording.similarity(hit.similarity()),
                                    hit.hit()))
                        .toList()))
        .toList();
  }

  /** About the metric that comes first. */
  private static List<String> verdicts(EvaluationReport report) {
    Optional<String> headline = Summary.headlineMetric(report);
    return report.differences().stream()
        .filter(d -> headline.isPresent() && d.metric().name().equals(headline.get()))
        .map(Wording::verdict)
        .toList();
  }

  private static Table scores(EvaluationReport report) {
    List<String> names =
        report.scores().stream().map(score -> score.metric().name()).distinct().toList();
    List<Table.Row> rows = new ArrayList<>();
    for (Subject subject : report.subjects()) {
      List<String> cells = new ArrayList<>();
      for (String name : names) {
        cells.add(
            report.scores().stream()
                .filter(s -> s.subject().equals(subject.name()) && s.metric().name().equals(name))
                .map(Score::metric)
                .map(Wording::percent)
                .findFirst()
                .orElse(""));
      }
      String kind =
          subject.kind() == Subject.Kind.BASELINE
              ? "baseline"
              : subject.checkpoint().map(c -> c.id().shortForm()).orElse("");
      rows.add(new Table.Row(subject.name(), kind, cells));
    }
    return new Table("subject", names.stream().map(n -> Wording.metric(n) + ", %").toList(), rows);
  }

  private static Table differences(EvaluationReport report) {
    List<String> baselines =
        report.differences().stream().map(Difference::baseline).distinct().toList();
    Map<String, Table.Row> rows = new LinkedHashMap<>();
    for (Difference asked : report.differences()) {
      List<String> cells = new ArrayList<>();
      for (String baseline : baselines) {
        cells.add(
            report.differences().stream()
                .filter(
                    d ->
                        d.subject().equals(asked.subject())
                            && d.baseline().equals(baseline)
                            && d.metric().name().equals(asked.metric().name()))
                .map(Difference::metric)
                .map(Wording::points)
                .findFirst()
                .orElse(""));
      }
      String metric = Wording.metric(asked.metric().name());
      rows.putIfAbsent(
          asked.subject() + "\n" + metric, new Table.Row(asked.subject(), metric, cells));
    }
    return new Table(
        "subject",
        baselines.stream().map(b -> "against " + b + ", points").toList(),
        List.copyOf(rows.values()));
  }

  private static Table retrieval(TextRetrieval retrieval) {
    Map<String, Metric> byName = new TreeMap<>();
    retrieval.metrics().forEach(metric -> byName.put(metric.name(), metric));
    List<Table.Row> rows = new ArrayList<>();
    for (Metric metric : retrieval.metrics()) {
      Metric chance = byName.get(metric.name() + ".chance");
      if (chance != null) {
        String times =
            chance.value() > 0
                ? String.format(Locale.ROOT, "%.1f ×", metric.value() / chance.value())
                : "";
        rows.add(
            new Table.Row(
                Wording.metric(metric.name()),
                "",
                List.of(Wording.percent(metric), Wording.percent(chance), times)));
      }
    }
    return new Table("direction", List.of("found, %", "by chance, %", "found / chance"), rows);
  }

  private static Table empty(String first) {
    return new Table(first, List.of(), List.of());
  }

  private static StageLine stage(RunReport.Stage stage) {
    List<String> made = new ArrayList<>();
    stage.result().flatMap(StageResult::dataset).ifPresent(d -> made.add(dataset(d)));
    stage
        .result()
        .ifPresent(
            result ->
                result
                    .checkpoints()
                    .forEach(
                        c ->
                            made.add(
                                "%s at step %s (%s)"
                                    .formatted(
                                        c.track().student().orElse("checkpoint"),
                                        Wording.count(c.step()),
                                        c.id().shortForm()))));
    stage
        .result()
        .flatMap(StageResult::evaluation)
        .ifPresent(e -> made.add("evaluation " + e.id().shortForm()));
    stage.reusedFrom().ifPresent(from -> made.add("taken over from run " + from));
    return new StageLine(
        stage.name(),
        stage.kind(),
        stage.state().word(),
        stage.reason(),
        stage.reusedFrom().isPresent() ? "" : stage.took().map(Wording::duration).orElse(""),
        String.join("; ", made));
  }

  private static String dataset(DatasetRef dataset) {
    return "dataset %s of %s (%s)"
        .formatted(
            dataset.name(),
            Wording.count(dataset.samples(), "picture"),
            dataset.version().shortForm());
  }

  private static CheckpointTable checkpoints(RunReport.Track track) {
    List<String> names =
        track.checkpoints().stream()
            .flatMap(checkpoint -> checkpoint.metrics().stream())
            .map(Metric::name)
            .filter(name -> name.equals("total_loss") || name.startsWith("probe."))
            .distinct()
            .sorted(Comparator.reverseOrder())
            .toList();
    List<CheckpointLine> lines = new ArrayList<>();
    for (RunReport.Checkpoint checkpoint : track.checkpoints()) {
      List<String> values =
          names.stream()
              .map(
                  name ->
                      checkpoint.metrics().stream()
                          .filter(metric -> metric.name().equals(name))
                          .map(metric -> Wording.figure(metric.value()))
                          .findFirst()
                          .orElse(""))
              .toList();
      lines.add(
          new CheckpointLine(
              Wording.count(checkpoint.row().ref().step()),
              checkpoint.row().ref().id().shortForm(),
              checkpoint.row().ref().id().hex(),
              Wording.bytes(checkpoint.row().bytes()),
              checkpoint.row().state().name().toLowerCase(Locale.ROOT),
              values));
    }
    return new CheckpointTable(track.name(), names, lines);
  }

  private static String protocol(EvaluationReport report) {
    EvaluationReport.Protocol protocol = report.protocol();
    return ("%s of dataset %s, %s, %d-fold cross-validation, seen at %d px;"
            + " neighbours by cosine similarity, which weighs their votes;"
            + " ± is one standard error over the folds, of differences that of the paired ones")
        .formatted(
            Wording.count(protocol.pictures(), "picture"),
            protocol.dataset(),
            protocol.classes() + " classes",
            protocol.folds(),
            protocol.imageSize());
  }

  /** The canonical recipe in the form that people write. */
  private static String yaml(RunReport report) {
    String json = report.run().recipeJson();
    YAMLMapper mapper =
        new YAMLMapper(
            YAMLFactory.builder()
                .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
                .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
                .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
                .build());
    try {
      return mapper.writeValueAsString(new YAMLMapper().readTree(json));
    } catch (JsonProcessingException e) {
      // what cannot be read is shown as it is stored
      return json;
    }
  }
}
