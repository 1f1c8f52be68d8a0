package io.dinoflow.ops.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.temporal.worker.MetricsType;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether what the dashboard asks Prometheus for is what anything tells. */
class DashboardTest {
  private static final Path ROOT = Path.of(System.getProperty("dinoflow.root"));
  private static final Path FOLDER = ROOT.resolve("ops/docker/grafana");

  /** Of a PromQL expression, what is no metric: strings, ranges, labels to group by. */
  private static final Pattern ASIDE =
      Pattern.compile(
          "\\{[^}]*}|\\[[^\\]]*]|\\bby \\([^)]*\\)|\\b[a-z_]+(?=\\s*(?:by \\([^)]*\\)\\s*)?\\()|\\b[\\d.]+\\b");

  private static final Pattern NAME = Pattern.compile("[a-zA-Z_:][a-zA-Z0-9_:]*");
  private static final Pattern LABELS =
      Pattern.compile("by \\(([^)]*)\\)|\\{([a-z_]+)=~?\"|\\{\\{([a-z_]+)}}");

  /** How our meters are made: a counter, a time, or a gauge. */
  private static final Pattern METER =
      Pattern.compile(
          "(Metrics\\.counter|Counter\\.builder|Timer\\.builder|\\bseconds|Gauge\\.builder)\\(\\s*\"(dinoflow\\.[a-z.]+)\"");

  /**
   * Of Temporal's server; defined in {@code common/metrics/metric_defs.go} of its source, which
   * gives counters no suffix.
   */
  private static final Set<String> SERVER =
      Set.of(
          "approximate_backlog_count",
          "workflow_failed",
          "workflow_timeout",
          "schedule_missed_catchup_window");

  /** Given by Prometheus, by the server, and by the meters' own code. */
  private static final Set<String> KNOWN_LABELS =
      Set.of(
          "instance",
          "le",
          "area",
          "taskqueue",
          "task_type",
          "activity_type",
          "workflow_type",
          "run",
          "stage",
          "phase",
          "outcome",
          "operation",
          "direction",
          "process",
          "version");

  private final List<String> expressions = new ArrayList<>();
  private final List<String> legends = new ArrayList<>();
  private JsonNode dashboard;

  @BeforeEach
  void read() throws IOException {
    dashboard = new ObjectMapper().readTree(FOLDER.resolve("dashboards/dinoflow.json").toFile());
    for (JsonNode panel : dashboard.get("panels")) {
      for (JsonNode target : panel.path("targets")) {
        expressions.add(target.get("expr").asText());
        legends.add(target.get("legendFormat").asText());
      }
    }
  }

  @Test
  void everyMetricOfTheDashboardIsTold() throws Exception {
    Set<String> told = new TreeSet<>(SERVER);
    told.addAll(ours());
    told.addAll(ofTheProcess());
    told.addAll(ofTheSdk());

    Set<String> asked = new TreeSet<>();
    expressions.forEach(expression -> asked.addAll(metrics(expression)));
    assertThat(asked).hasSizeGreaterThan(20).isSubsetOf(told);
    assertThat(metrics("sum by (a) (rate(b_total{c=\"d\"}[5m])) / 3 * e"))
        .as("the reading itself")
        .containsExactlyInAnyOrder("b_total", "e");
  }

  @Test
  void everyMeterOfTrainingCheckpointsAndStorageIsOnTheDashboard() throws Exception {
    String all = String.join("\n", expressions);
    for (Map.Entry<String, String> meter : meters().entrySet()) {
      assertThat(all).contains(meter.getKey().replace('.', '_'));
    }
  }

  @Test
  void everyLabelIsOneThatIsGiven() {
    Set<String> labels = new TreeSet<>();
    for (String text : Stream.concat(expressions.stream(), legends.stream()).toList()) {
      Matcher label = LABELS.matcher(text);
      while (label.find()) {
        for (int group = 1; group <= 3; group++) {
          if (label.group(group) != null) {
            labels.addAll(List.of(label.group(group).split(", ")));
          }
        }
      }
    }
    assertThat(labels).hasSizeGreaterThan(8).isSubsetOf(KNOWN_LABELS);
  }

  @Test
  void theFilesBelongTogether() throws IOException {
    assertThat(Files.readString(FOLDER.resolve("datasources.yml")))
        .contains("uid: prometheus", "http://prometheus:9090");
    Set<Integer> ids = new HashSet<>();
    for (JsonNode panel : dashboard.get("panels")) {
      assertThat(ids.add(panel.get("id").asInt())).isTrue();
      if (!panel.get("type").asText().equals("row")) {
        assertThat(panel.at("/datasource/uid").asText()).isEqualTo("prometheus");
        assertThat(panel.get("description").asText()).isNotBlank();
      }
    }
    assertThat(Files.readString(ROOT.resolve("docker-compose.yml")))
        .contains(
            "./ops/docker/grafana/dashboards:/etc/grafana/dinoflow:ro",
            "/etc/grafana/dinoflow/" + "dinoflow.json",
            "GF_AUTH_ANONYMOUS_ENABLED: \"false\"");
    assertThat(Files.readString(FOLDER.resolve("dashboards.yml")))
        .contains("path: /etc/grafana/dinoflow");
  }

  private static Set<String> metrics(String expression) {
    Set<String> names = new TreeSet<>();
    Matcher name = NAME.matcher(ASIDE.matcher(expression).replaceAll(" "));
    while (name.find()) {
      names.add(name.group());
    }
    return names;
  }

  /** Our meters as the sources make them: name and kind. */
  private static Map<String, String> meters() throws IOException {
    Map<String, String> meters = new java.util.TreeMap<>();
    for (String module : List.of("activities", "storage", "ops")) {
      try (Stream<Path> files = Files.walk(ROOT.resolve(module + "/src/main/java"))) {
        for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          Matcher meter = METER.matcher(Files.readString(file));
          while (meter.find()) {
            meters.put(meter.group(2), meter.group(1));
          }
        }
      }
    }
    assertThat(meters).hasSizeGreaterThan(10);
    return meters;
  }

  /** As Micrometer spells them for Prometheus. */
  private static Set<String> ours() throws IOException {
    Set<String> names = new TreeSet<>();
    meters()
        .forEach(
            (meter, kind) -> {
              String name = meter.replace('.', '_');
              if (kind.toLowerCase(java.util.Locale.ROOT).contains("counter")) {
                names.add(name + "_total");
              } else if (kind.contains("Gauge")) {
                names.add(name);
              } else {
                List.of("_bucket", "_sum", "_count").forEach(s -> names.add(name + "_seconds" + s));
              }
            });
    return names;
  }

  private static Set<String> ofTheProcess() {
    Set<String> names = new TreeSet<>();
    try (ProcessMetrics metrics = ProcessMetrics.install("dashboard-test")) {
      metrics
          .text()
          .lines()
          .filter(line -> !line.startsWith("#"))
          .forEach(line -> names.add(line.replaceFirst("[{ ].*", "")));
      metrics
          .text()
          .lines()
          .filter(line -> line.matches("# TYPE \\S+ (summary|histogram)"))
          .forEach(line -> names.add(line.split(" ")[2] + "_sum"));
    }
    // told from the first collection on
    names.add("jvm_gc_pause_seconds_sum");
    return names;
  }

  private static Set<String> ofTheSdk() throws IllegalAccessException {
    Set<String> names = new TreeSet<>();
    for (Field field : MetricsType.class.getFields()) {
      names.add(field.get(null) + "_total");
    }
    return names;
  }
}
