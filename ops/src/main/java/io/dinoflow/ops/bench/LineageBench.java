package io.dinoflow.ops.bench;

import io.dinoflow.migrations.Migrations;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.storage.jdbc.ScratchDatabase;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.SyntheticGraph;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/**
 * How long the product's own walk takes on a large lineage graph, from random starts, one after the
 * other, on one connection. The graph lives in a database of its own, which is dropped at the end.
 *
 * <p>Every walk is a whole answer as the command line and the page get it: nodes, edges, distances.
 *
 * @param artifactsMin at least so many; whole families are made
 * @param edgesMin at least so many
 * @param starts measured in each direction, after as many others that only warm up
 */
public record LineageBench(long artifactsMin, long edgesMin, int starts, long seed) {
  public static final double TARGET_P95_MS = 50;

  /** What one walk returns at most: the size of a family. */
  private static final int NODES_MAX = SyntheticGraph.FAMILY;

  /** Equal parts of a measurement whose numbers are compared. */
  private static final int PARTS = 5;

  public LineageBench {
    if (artifactsMin < 1 || edgesMin < 1 || starts < PARTS) {
      throw new IllegalArgumentException(
          "give artifacts and edges as 1 or more and starts as %d or more".formatted(PARTS));
    }
    if (edgesMin > artifactsMin * SyntheticGraph.EDGES_PER_ARTIFACT_MAX) {
      throw new IllegalArgumentException(
          "an artifact has %d edges at most: %,d artifacts cannot have %,d"
              .formatted(SyntheticGraph.EDGES_PER_ARTIFACT_MAX, artifactsMin, edgesMin));
    }
  }

  /** The smallest graph with so many artifacts and edges; datasets begin and have none. */
  SyntheticGraph graph() {
    int perArtifact =
        (int) Math.max(1, upwards(edgesMin, Math.max(artifactsMin, SyntheticGraph.FAMILY)));
    long edgesOfFamily = (long) perArtifact * SyntheticGraph.LANES * (SyntheticGraph.LAYERS - 1);
    long families =
        Math.max(
            upwards(artifactsMin, (long) SyntheticGraph.FAMILY), upwards(edgesMin, edgesOfFamily));
    return new SyntheticGraph(Math.toIntExact(families), perArtifact);
  }

  private static long upwards(long dividend, long divisor) {
    return -Math.floorDiv(-dividend, divisor);
  }

  /** Makes the graph, measures, drops it. */
  public List<Measurement> run(OpsConfig.Database server, Consumer<String> progress) {
    SyntheticGraph graph = graph();
    try (ScratchDatabase scratch =
        ScratchDatabase.open(server.url(), server.user(), server.password())) {
      progress.accept("database " + scratch.name() + " is made for this and dropped at the end");
      Migrations.apply(scratch.loader().dataSource());
      long edges =
          graph.fill(
              scratch.loader(),
              made -> progress.accept("%,d of %,d artifacts".formatted(made, graph.artifacts())));
      LineageStore lineage = new LineageStore(scratch.measured());
      String subject =
          String.format(Locale.ROOT, "%,d artifacts, %,d edges", graph.artifacts(), edges);
      List<Measurement> measured = new ArrayList<>();
      measured.addAll(
          measure(lineage, graph, Ancestry.Direction.UP, "ancestors", subject, progress));
      measured.addAll(
          measure(lineage, graph, Ancestry.Direction.DOWN, "descendants", subject, progress));
      return List.copyOf(measured);
    }
  }

  private List<Measurement> measure(
      LineageStore lineage,
      SyntheticGraph graph,
      Ancestry.Direction direction,
      String what,
      String subject,
      Consumer<String> progress) {
    SplittableRandom random = new SplittableRandom(seed);
    progress.accept("%,d walks to %s, after as many to warm up".formatted(starts, what));
    walk(lineage, graph, direction, random);
    Walks walks = walk(lineage, graph, direction, random);
    double p95 = quantile(walks.millis(), 0.95);
    return List.of(
        row(subject, what + "_p95_ms", "ms", p95, walks, 0.95),
        row(subject, what + "_p50_ms", "ms", quantile(walks.millis(), 0.5), walks, 0.5),
        new Measurement(
            "lineage",
            subject,
            what + "_mean",
            "artifacts",
            Arrays.stream(walks.nodes()).average().orElse(0),
            0,
            Arrays.stream(walks.nodes()).max().orElse(0) / (double) NODES_MAX,
            "most in one walk, of " + NODES_MAX));
  }

  private Measurement row(
      String subject, String metric, String unit, double value, Walks walks, double quantile) {
    double smallest = Double.POSITIVE_INFINITY;
    double largest = 0;
    int part = walks.millis().length / PARTS;
    for (int i = 0; i < PARTS; i++) {
      double of = quantile(Arrays.copyOfRange(walks.millis(), i * part, (i + 1) * part), quantile);
      smallest = Math.min(smallest, of);
      largest = Math.max(largest, of);
    }
    return new Measurement(
        "lineage",
        subject,
        metric,
        unit,
        value,
        (largest - smallest) / 2,
        value / TARGET_P95_MS,
        "p95 under %.0f ms".formatted(TARGET_P95_MS));
  }

  private record Walks(double[] millis, long[] nodes) {}

  private Walks walk(
      LineageStore lineage,
      SyntheticGraph graph,
      Ancestry.Direction direction,
      SplittableRandom random) {
    double[] millis = new double[starts];
    long[] nodes = new long[starts];
    for (int i = 0; i < starts; i++) {
      long start = random.nextLong(graph.artifacts());
      long begun = System.nanoTime();
      Ancestry answer =
          lineage.ancestry(SyntheticGraph.id(start), direction, SyntheticGraph.LAYERS, NODES_MAX);
      millis[i] = (System.nanoTime() - begun) / 1e6;
      nodes[i] = answer.nodes().size();
      if (answer.nodes().isEmpty() || answer.truncated()) {
        throw new IllegalStateException(
            "the walk from artifact %d is not whole: %d artifacts".formatted(start, nodes[i]));
      }
    }
    return new Walks(millis, nodes);
  }

  /** The smallest value that at least this part of all values does not exceed. */
  static double quantile(double[] values, double part) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[(int) Math.ceil(part * sorted.length) - 1];
  }
}
