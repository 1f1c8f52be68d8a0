package io.dinoflow.ops.report;

import io.dinoflow.ops.chart.LineChart;
import io.dinoflow.ops.chart.LineChart.Line;
import io.dinoflow.ops.chart.LineChart.Mark;
import io.dinoflow.ops.chart.LineChart.Point;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * A chart of a chapter with its title.
 *
 * @param note what a reader should look for; empty where the title says it
 */
public record Figure(String title, LineChart chart, String note) {
  private static final String DENSE =
      "Mean cosine similarity on a fixed batch: of the class tokens of different pictures, and of"
          + " the patches of one picture. Patches that grow alike mean that dense features decay;"
          + " a Gram teacher holds them.";

  /** What there is to draw of the chapter, most telling first; empty charts are left out. */
  public static List<Figure> of(RunReport.Chapter chapter) {
    List<Figure> all =
        List.of(
            new Figure(
                "Dense consistency",
                chart(
                    chapter,
                    "mean cosine similarity",
                    probes(chapter, name -> name.endsWith("_similarity")),
                    "dense consistency"),
                DENSE),
            new Figure(
                "Probe",
                chart(
                    chapter,
                    "on the fixed probe batch",
                    probes(chapter, name -> !name.endsWith("_similarity")),
                    "probe"),
                ""),
            new Figure(
                "Losses",
                chart(chapter, "loss", series(chapter, n -> n.endsWith("loss")), "losses"),
                ""),
            new Figure(
                "Learning rate",
                chart(chapter, "learning rate", series(chapter, "lr"::equals), "learning rate"),
                ""),
            new Figure(
                "Throughput",
                chart(
                    chapter,
                    "images per second",
                    series(chapter, "images_per_second"::equals),
                    "throughput"),
                ""));
    return all.stream().filter(figure -> !figure.chart().isEmpty()).toList();
  }

  Figure withoutNote() {
    return new Figure(title, chart, "");
  }

  private static LineChart chart(
      RunReport.Chapter chapter, String unit, List<Line> lines, String what) {
    return new LineChart(chapter.title() + ": " + what, "step", unit, lines, marks(chapter));
  }

  private static List<Line> series(RunReport.Chapter chapter, Predicate<String> names) {
    Map<String, List<Point>> points = new LinkedHashMap<>();
    for (RunReport.Track track : chapter.tracks()) {
      track.series().stream()
          .filter(point -> names.test(point.name()))
          .forEach(
              point ->
                  points
                      .computeIfAbsent(point.name(), name -> new ArrayList<>())
                      .add(new Point(point.step(), point.value())));
    }
    return lines(points);
  }

  private static List<Line> probes(RunReport.Chapter chapter, Predicate<String> names) {
    Map<String, List<Point>> points = new LinkedHashMap<>();
    for (RunReport.Track track : chapter.tracks()) {
      for (RunReport.Checkpoint checkpoint : track.checkpoints()) {
        checkpoint.metrics().stream()
            .filter(m -> m.name().startsWith("probe.") && names.test(m.name()))
            .forEach(
                metric ->
                    points
                        .computeIfAbsent(metric.name(), name -> new ArrayList<>())
                        .add(new Point(checkpoint.row().ref().step(), metric.value())));
      }
    }
    return lines(points);
  }

  private static List<Line> lines(Map<String, List<Point>> points) {
    return points.keySet().stream()
        .sorted()
        .map(name -> new Line(name, kind(name), Objects.requireNonNull(points.get(name))))
        .toList();
  }

  private static Line.Kind kind(String name) {
    return name.equals("lr") || name.startsWith("probe.") ? Line.Kind.EXACT : Line.Kind.NOISY;
  }

  /** Where a stage takes over from the one before, and where the Gram teacher changed. */
  private static List<Mark> marks(RunReport.Chapter chapter) {
    List<Mark> marks = new ArrayList<>();
    long end = 0;
    for (RunReport.Track track : chapter.tracks()) {
      if (end > 0) {
        marks.add(
            new Mark(
                Mark.Kind.STAGE,
                end,
                track.id().stage(),
                "stage " + track.id().stage() + " goes on from step " + Wording.count(end)));
      }
      for (RunReport.Refresh refresh : track.refreshes()) {
        marks.add(
            new Mark(
                Mark.Kind.EVENT,
                refresh.step(),
                "Gram teacher chosen",
                "step %s: the Gram teacher is %s (%s)"
                    .formatted(
                        Wording.count(refresh.step()),
                        refresh.teacherName(),
                        refresh.teacher().shortForm())));
      }
      for (RunReport.Checkpoint checkpoint : track.checkpoints()) {
        end = Math.max(end, checkpoint.row().ref().step());
      }
    }
    return marks;
  }
}
