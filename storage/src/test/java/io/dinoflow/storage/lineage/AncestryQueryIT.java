package io.dinoflow.storage.lineage;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.testing.TestServers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against a walk of the same edges in memory. */
class AncestryQueryIT {
  private static final int EDGES_A_FAMILY =
      SyntheticGraph.EDGES_PER_ARTIFACT_MAX * SyntheticGraph.LANES * (SyntheticGraph.LAYERS - 1);

  private static Database database;
  private static LineageStore lineage;
  private static List<Edge> edges;
  private static long filled;

  private record Edge(String from, String kind, String to) {}

  @BeforeAll
  static void graph() {
    database = TestServers.database();
    lineage = new LineageStore(database);
    filled = new SyntheticGraph(2, SyntheticGraph.EDGES_PER_ARTIFACT_MAX).fill(database, n -> {});
    edges =
        database.read(
            handle ->
                handle
                    .createQuery("SELECT from_id, kind, to_id FROM edge")
                    .map((row, c) -> new Edge(row.getString(1), row.getString(2), row.getString(3)))
                    .list());
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @Test
  void theGraphIsAsLargeAsItSays() {
    assertThat(edges).hasSize(2 * EDGES_A_FAMILY).hasSize((int) filled);
    assertThat(lineage.find(SyntheticGraph.id(3_999).hex()).name())
        .isEqualTo("family-1/lane-9@199");
  }

  @ParameterizedTest
  @EnumSource
  void findsEveryNodeAndEdgeAtItsDistance(Ancestry.Direction direction) {
    for (long start : List.of(0L, 57L, 1_000L, 1_999L, 2_000L, 3_333L, 3_999L)) {
      Sha256 id = SyntheticGraph.id(start);
      Ancestry answer = lineage.ancestry(id, direction, Integer.MAX_VALUE, 5_000);
      Map<String, Integer> depths = walk(id.hex(), direction, Integer.MAX_VALUE);

      assertThat(depths(answer)).as("from %d", start).isEqualTo(depths);
      assertThat(edges(answer)).as("from %d", start).isEqualTo(between(depths.keySet()));
      assertThat(answer.truncated()).isFalse();
      assertThat(answer.nodes().get(0).artifact().ref().id()).isEqualTo(id);
    }
  }

  @ParameterizedTest
  @EnumSource
  void goesAsDeepAsItWasAskedAndSaysThatThereIsMore(Ancestry.Direction direction) {
    Sha256 id = SyntheticGraph.id(1_004);
    for (int depth : List.of(1, 2, 5)) {
      Ancestry answer = lineage.ancestry(id, direction, depth, 5_000);
      Map<String, Integer> depths = walk(id.hex(), direction, depth);

      assertThat(depths(answer)).isEqualTo(depths);
      assertThat(edges(answer)).isEqualTo(between(depths.keySet()));
      assertThat(answer.truncated()).isTrue();
    }
  }

  @Test
  void returnsTheNearestWhereThereAreTooMany() {
    Sha256 id = SyntheticGraph.id(1_999);
    Ancestry answer = lineage.ancestry(id, Ancestry.Direction.UP, Integer.MAX_VALUE, 100);
    Map<String, Integer> depths = walk(id.hex(), Ancestry.Direction.UP, Integer.MAX_VALUE);

    assertThat(answer.nodes()).hasSize(100);
    assertThat(answer.truncated()).isTrue();
    int deepest = answer.nodes().get(99).depth();
    long nearer = depths.values().stream().filter(depth -> depth < deepest).count();
    assertThat(answer.nodes().stream().filter(node -> node.depth() < deepest))
        .hasSize((int) nearer);
    answer
        .nodes()
        .forEach(
            node ->
                assertThat(node.depth()).isEqualTo(depths.get(node.artifact().ref().id().hex())));
  }

  @ParameterizedTest
  @EnumSource
  void pagesHoldEveryNodeOnceAndEveryEdgeThatEndsInThem(Ancestry.Direction direction) {
    Sha256 id = SyntheticGraph.id(1_501);
    Map<String, Integer> depths = walk(id.hex(), direction, Integer.MAX_VALUE);
    List<Ancestry.Node> nodes = new ArrayList<>();
    Set<Edge> found = new HashSet<>();
    Ancestry page;
    do {
      page = lineage.ancestryPage(id, direction, Integer.MAX_VALUE, nodes.size(), 64);
      nodes.addAll(page.nodes());
      found.addAll(edges(page));
    } while (page.truncated());

    assertThat(nodes).hasSize(depths.size());
    assertThat(nodes).extracting(Ancestry.Node::depth).isSorted();
    assertThat(depths(new Ancestry(nodes, List.of(), false))).isEqualTo(depths);
    assertThat(found).isEqualTo(between(depths.keySet()));
    assertThat(lineage.ancestryPage(id, direction, Integer.MAX_VALUE, 9_999, 64).nodes()).isEmpty();
  }

  @Test
  void nobodyKnownHasNoAncestors() {
    assertThat(lineage.ancestry(Sha256.ofText("nobody"), Ancestry.Direction.UP, 10, 10).nodes())
        .isEmpty();
  }

  private static Map<String, Integer> walk(
      String start, Ancestry.Direction direction, int depthMax) {
    boolean up = direction == Ancestry.Direction.UP;
    Map<String, List<String>> next = new LinkedHashMap<>();
    for (Edge edge : edges) {
      next.computeIfAbsent(up ? edge.from() : edge.to(), id -> new ArrayList<>())
          .add(up ? edge.to() : edge.from());
    }
    Map<String, Integer> depths = new LinkedHashMap<>(Map.of(start, 0));
    List<String> queue = new ArrayList<>(List.of(start));
    for (int i = 0; i < queue.size(); i++) {
      int depth = depths.getOrDefault(queue.get(i), 0) + 1;
      for (String other :
          depth > depthMax ? List.<String>of() : next.getOrDefault(queue.get(i), List.of())) {
        if (depths.putIfAbsent(other, depth) == null) {
          queue.add(other);
        }
      }
    }
    return depths;
  }

  private static Set<Edge> between(Set<String> ids) {
    Set<Edge> found = new HashSet<>();
    for (Edge edge : edges) {
      if (ids.contains(edge.from()) && ids.contains(edge.to())) {
        found.add(edge);
      }
    }
    return found;
  }

  private static Map<String, Integer> depths(Ancestry ancestry) {
    Map<String, Integer> depths = new LinkedHashMap<>();
    ancestry.nodes().forEach(n -> depths.put(n.artifact().ref().id().hex(), n.depth()));
    return depths;
  }

  private static Set<Edge> edges(Ancestry ancestry) {
    Set<Edge> found = new HashSet<>();
    for (Ancestry.Edge edge : ancestry.edges()) {
      found.add(new Edge(edge.from().hex(), edge.kind().name(), edge.to().hex()));
      assertThat(edge.attributes().containsKey("step"))
          .isEqualTo(edge.kind() == EdgeKind.GRAM_TEACHER);
    }
    assertThat(new TreeSet<>(found.stream().map(Edge::toString).toList()))
        .hasSize(ancestry.edges().size());
    return found;
  }
}
