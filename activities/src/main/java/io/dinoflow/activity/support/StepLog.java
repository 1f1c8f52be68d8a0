package io.dinoflow.activity.support;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.train.StepMetrics;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.workflow.Payloads;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The numbers of the steps since the last commit. They become part of the next one, so a curve
 * never holds steps that were lost.
 */
final class StepLog {
  /** The part that holds one JSON line a step. */
  static final String PART = "metrics.jsonl";

  private static final ObjectMapper JSON = Payloads.mapper();

  /** Points that a stage's thinned curve has about. */
  private static final long POINTS_A_STAGE = 400;

  private final long firstStep;
  private final long stride;
  private final List<StepMetrics> steps;

  StepLog(long firstStep, long lastStep) {
    this(firstStep, Math.max(1, (lastStep - firstStep) / POINTS_A_STAGE), new ArrayList<>());
  }

  private StepLog(long firstStep, long stride, List<StepMetrics> steps) {
    this.firstStep = firstStep;
    this.stride = stride;
    this.steps = steps;
  }

  void add(StepMetrics step) {
    steps.add(step);
  }

  /** Takes the steps out, so that another thread may write them; the next begin anew. */
  StepLog cut() {
    StepLog taken = new StepLog(firstStep, stride, List.copyOf(steps));
    steps.clear();
    return taken;
  }

  /**
   * Writes the track's lines.
   *
   * @param track a student's name, whose values lose that prefix; or empty
   */
  BlobFile write(Path folder, String track) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (StepMetrics step : steps) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("step", step.step());
      line.put("images", step.images());
      line.put("seconds", step.seconds());
      line.put("data_wait_seconds", step.dataWaitSeconds());
      line.putAll(own(track, step.values()));
      lines.append(JSON.writeValueAsString(line)).append('\n');
    }
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    Path file = Files.createDirectories(folder).resolve(PART);
    Files.write(file, bytes);
    return new BlobFile(PART, file, Sha256.of(bytes), bytes.length);
  }

  /** Every so many steps, as measured; nothing is averaged or interpolated. */
  List<SeriesPoint> thinned(String track) {
    List<SeriesPoint> points = new ArrayList<>();
    for (StepMetrics step : steps) {
      if ((step.step() - firstStep) % stride == 0) {
        own(track, step.values()).forEach((n, v) -> points.add(new SeriesPoint(step.step(), n, v)));
        points.add(new SeriesPoint(step.step(), "images_per_second", rate(step)));
        points.add(new SeriesPoint(step.step(), "data_wait_share", wait(step)));
      }
    }
    return points;
  }

  /** Means over the steps since the last commit. */
  List<Metric> means(String track) {
    Map<String, double[]> sums = new TreeMap<>();
    for (StepMetrics step : steps) {
      own(track, step.values())
          .forEach(
              (name, value) -> {
                double[] sum = sums.computeIfAbsent(name, n -> new double[2]);
                sum[0] += value;
                sum[1]++;
              });
    }
    return sums.entrySet().stream()
        .filter(e -> e.getKey().endsWith("loss"))
        .map(e -> Metric.of(e.getKey(), e.getValue()[0] / e.getValue()[1]))
        .toList();
  }

  static double rate(StepMetrics step) {
    return step.seconds() > 0 ? step.images() / step.seconds() : 0;
  }

  static double wait(StepMetrics step) {
    return step.seconds() > 0 ? Math.min(1, step.dataWaitSeconds() / step.seconds()) : 0;
  }

  /** A student's own values without its prefix; shared ones stay; other students' go. */
  static Map<String, Double> own(String track, Map<String, Double> values) {
    if (track.isEmpty()) {
      return new TreeMap<>(values);
    }
    String prefix = track + ".";
    Map<String, Double> own = new TreeMap<>();
    values.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            own.put(name.substring(prefix.length()), value);
          }
        });
    values.forEach(
        (name, value) -> {
          if (name.equals("lr") || name.equals("teacher_forwards")) {
            own.put(name, value);
          }
        });
    return own;
  }
}
