package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Pages that list what there is, newest first; the JSON twins are these records. */
public final class ListPages {
  private static final int ROWS_MAX = 200;

  private ListPages() {}

  /** Where a walk through the lineage can begin. */
  public record Beginnings(Instant now, List<CheckpointRow> checkpoints) {
    private static final int SHOWN = 30;
    private static final int LOOKED_AT = 1_000;

    public Beginnings {
      checkpoints = List.copyOf(checkpoints);
    }

    static Beginnings of(RunFacts facts, Instant now) {
      return new Beginnings(
          now,
          facts.checkpointsAfter(Optional.empty(), LOOKED_AT).stream()
              .filter(CheckpointRow::head)
              .limit(SHOWN)
              .toList());
    }
  }

  /** Dataset versions. */
  public record Datasets(Instant now, List<Line> datasets) {
    public Datasets {
      datasets = List.copyOf(datasets);
    }

    /**
     * @param madeBy run and stage; empty for what was ingested
     * @param facts what was recorded of it, by name
     */
    public record Line(DatasetRow row, String madeBy, Map<String, String> facts) {
      public Line {
        facts = Collections.unmodifiableMap(new TreeMap<>(facts));
      }
    }

    static Datasets of(RunFacts facts, Instant now) {
      return new Datasets(
          now, facts.datasets(ROWS_MAX).stream().map(row -> line(row, facts)).toList());
    }

    private static Line line(DatasetRow row, RunFacts facts) {
      Optional<ArtifactRow> artifact = facts.artifact(row.ref().version());
      return new Line(
          row,
          artifact
              .flatMap(a -> a.run().map(run -> run + a.stage().map(s -> "/" + s).orElse("")))
              .orElse(""),
          artifact.map(ArtifactRow::facts).orElse(Map.of()));
    }
  }

  /** Models with how they came to serve. */
  public record Models(Instant now, List<Model> models) {
    public Models {
      models = List.copyOf(models);
    }

    /** One name. */
    public record Model(String name, List<ModelVersion> versions, List<Promotion> history) {
      public Model {
        versions = List.copyOf(versions);
        history = List.copyOf(history);
      }
    }

    static Models of(RunFacts facts, Instant now) {
      Map<String, List<ModelVersion>> byName = new TreeMap<>();
      for (ModelVersion version : facts.models()) {
        byName.computeIfAbsent(version.model(), name -> new ArrayList<>()).add(version);
      }
      return new Models(
          now,
          byName.entrySet().stream()
              .limit(ROWS_MAX)
              .map(
                  entry ->
                      new Model(
                          entry.getKey(),
                          entry.getValue().stream().limit(ROWS_MAX).toList(),
                          facts.promotions(entry.getKey()).stream().limit(ROWS_MAX).toList()))
              .toList());
    }
  }

  /**
   * What was measured, side by side: a row for each subject of each evaluation.
   *
   * @param metrics names of the columns
   */
  public record Evaluations(Instant now, List<String> metrics, List<Line> lines) {
    private static final int COLUMNS_MAX = 12;

    public Evaluations {
      metrics = List.copyOf(metrics);
      lines = List.copyOf(lines);
    }

    /**
     * @param subject what was measured, as its evaluation calls it: a stage, {@code stage/student},
     *     or a baseline
     */
    public record Line(
        String evaluation,
        Sha256 id,
        String subject,
        Map<String, Metric> scores,
        Instant createdAt) {
      public Line {
        scores = Map.copyOf(scores);
      }

      public boolean isBaseline() {
        return subject.equals("random_weights") || subject.equals("raw_pixels");
      }

      public Optional<Metric> score(String metric) {
        return Optional.ofNullable(scores.get(metric));
      }
    }

    static Evaluations of(RunFacts facts, Instant now) {
      List<Line> lines = new ArrayList<>();
      Map<String, Integer> seen = new LinkedHashMap<>();
      for (ArtifactRow evaluation : facts.evaluations(ROWS_MAX)) {
        Map<String, Map<String, Metric>> bySubject = new LinkedHashMap<>();
        for (Metric metric : facts.metrics(evaluation.ref().id())) {
          int dot = metric.name().indexOf('.');
          if (dot > 0) {
            String name = metric.name().substring(dot + 1);
            bySubject
                .computeIfAbsent(metric.name().substring(0, dot), s -> new LinkedHashMap<>())
                .put(name, metric);
            seen.merge(name, 1, Integer::sum);
          }
        }
        bySubject.forEach(
            (subject, scores) ->
                lines.add(
                    new Line(
                        evaluation.name(),
                        evaluation.ref().id(),
                        subject,
                        scores,
                        evaluation.createdAt())));
      }
      List<String> metrics =
          seen.entrySet().stream()
              .sorted(
                  Map.Entry.<String, Integer>comparingByValue()
                      .reversed()
                      .thenComparing(Map.Entry.comparingByKey()))
              .limit(COLUMNS_MAX)
              .map(Map.Entry::getKey)
              .sorted()
              .toList();
      return new Evaluations(now, metrics, lines);
    }
  }
}
