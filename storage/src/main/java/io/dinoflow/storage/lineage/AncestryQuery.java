package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * Walks the graph of edges from one artifact.
 *
 * <p>The recursion is seeded with the artifact and carries ids only, so each is visited once
 * however many ways lead to it. PostgreSQL visits level by level and stops when the LIMIT is full;
 * the same statement returns the edges that lead on from what was kept, and distances are counted
 * afterwards, on those. So a walk is two statements, and time goes with the edges it crosses: ids
 * are compared as bytes, each is parsed once, and nothing is sorted by the server.
 */
final class AncestryQuery {
  /** A walk that is read page by page holds no more than this, nearest first. */
  private static final int WALKED_MAX = 100_000;

  private static final Comparator<Ancestry.Edge> BY_KIND_THEN_ID =
      Comparator.comparing((Ancestry.Edge edge) -> edge.kind().name())
          .thenComparing(Ancestry.Edge::to);

  private final Handle handle;

  AncestryQuery(Handle handle) {
    this.handle = handle;
  }

  Ancestry run(Sha256 seed, Ancestry.Direction direction, int depthMax, int nodesMax) {
    Walk walk = walk(seed, direction, nodesMax);
    Map<Sha256, Integer> depths = depths(seed, direction, walk.edges(), depthMax);
    return new Ancestry(
        nodes(depths),
        walk.edges().stream()
            .filter(edge -> depths.containsKey(edge.from()) && depths.containsKey(edge.to()))
            .toList(),
        walk.cut() || depths.size() < walk.reached());
  }

  /** Nodes {@code first} and on of the whole walk, and the edges of the walk that touch them. */
  Ancestry page(Sha256 seed, Ancestry.Direction direction, int depthMax, int first, int nodesMax) {
    Walk walk = walk(seed, direction, WALKED_MAX);
    Map<Sha256, Integer> depths = depths(seed, direction, walk.edges(), depthMax);
    List<Sha256> ordered =
        depths.entrySet().stream()
            .sorted(
                Map.Entry.<Sha256, Integer>comparingByValue()
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(Map.Entry::getKey)
            .toList();
    int begin = Math.min(first, ordered.size());
    int end = (int) Math.min((long) begin + nodesMax, ordered.size());
    Map<Sha256, Integer> wanted = new LinkedHashMap<>();
    ordered.subList(begin, end).forEach(id -> wanted.put(id, depths.getOrDefault(id, 0)));
    return new Ancestry(
        nodes(wanted),
        walk.edges().stream()
            .filter(edge -> depths.containsKey(edge.from()) && depths.containsKey(edge.to()))
            .filter(edge -> wanted.containsKey(edge.from()) || wanted.containsKey(edge.to()))
            .toList(),
        end < ordered.size());
  }

  /**
   * What was reached.
   *
   * @param edges between artifacts that were kept, by the artifact that was made, kind and the
   *     other
   * @param reached how many were kept
   * @param cut whether there were more
   */
  private record Walk(List<Ancestry.Edge> edges, int reached, boolean cut) {}

  private Walk walk(Sha256 seed, Ancestry.Direction direction, int nodesMax) {
    boolean up = direction == Ancestry.Direction.UP;
    List<Row> rows =
        handle
            .createQuery(
                """
                WITH RECURSIVE reach (id) AS (
                  SELECT id FROM artifact WHERE id = :seed
                  UNION
                  SELECT e.%1$s FROM reach JOIN edge e ON e.%2$s = reach.id),
                kept AS MATERIALIZED (SELECT id FROM reach LIMIT :max)
                SELECT kept.id, e.kind, e.%1$s, e.attributes,
                       (SELECT count(*) > :max FROM (SELECT 1 FROM reach LIMIT :max + 1) one_more)
                FROM kept LEFT JOIN edge e ON e.%2$s = kept.id
                """
                    .formatted(up ? "to_id" : "from_id", up ? "from_id" : "to_id"))
            .bind("seed", seed.hex())
            .bind("max", (long) nodesMax)
            .map((row, context) -> row(row))
            .list();
    Map<String, Sha256> ids = new HashMap<>();
    rows.forEach(row -> ids.computeIfAbsent(row.id(), Sha256::new));
    return new Walk(edges(rows, ids, up), ids.size(), !rows.isEmpty() && rows.get(0).cut());
  }

  /**
   * An artifact with one of its edges; of an artifact without any, the kind is empty.
   *
   * @param cut whether there are artifacts beyond all rows
   */
  private record Row(String id, String kind, String other, String attributes, boolean cut) {}

  private static Row row(ResultSet row) throws SQLException {
    String kind = row.getString(2);
    return kind == null
        ? new Row(row.getString(1), "", "", "", row.getBoolean(5))
        : new Row(row.getString(1), kind, row.getString(3), row.getString(4), row.getBoolean(5));
  }

  private static List<Ancestry.Edge> edges(List<Row> rows, Map<String, Sha256> ids, boolean up) {
    Map<Sha256, List<Ancestry.Edge>> byMade = new TreeMap<>();
    for (Row row : rows) {
      Sha256 id = ids.get(row.id());
      Sha256 other = ids.get(row.other());
      if (id != null && other != null) {
        Sha256 made = up ? id : other;
        byMade
            .computeIfAbsent(made, m -> new ArrayList<>())
            .add(
                new Ancestry.Edge(
                    EdgeKind.valueOf(row.kind()),
                    made,
                    up ? other : id,
                    Rows.texts(row.attributes())));
      }
    }
    return byMade.values().stream()
        .flatMap(edges -> edges.stream().sorted(BY_KIND_THEN_ID))
        .toList();
  }

  /** Fewest edges from the seed, nearest first, up to {@code depthMax}. */
  private static Map<Sha256, Integer> depths(
      Sha256 seed, Ancestry.Direction direction, List<Ancestry.Edge> edges, int depthMax) {
    Map<Sha256, List<Sha256>> next = new HashMap<>();
    for (Ancestry.Edge edge : edges) {
      boolean up = direction == Ancestry.Direction.UP;
      next.computeIfAbsent(up ? edge.from() : edge.to(), id -> new ArrayList<>())
          .add(up ? edge.to() : edge.from());
    }
    Map<Sha256, Integer> depths = new LinkedHashMap<>(Map.of(seed, 0));
    List<Sha256> level = List.of(seed);
    for (int depth = 1; depth <= depthMax && !level.isEmpty(); depth++) {
      List<Sha256> below = new ArrayList<>();
      for (Sha256 id : level) {
        for (Sha256 other : next.getOrDefault(id, List.of())) {
          if (depths.putIfAbsent(other, depth) == null) {
            below.add(other);
          }
        }
      }
      level = below;
    }
    return depths;
  }

  private List<Ancestry.Node> nodes(Map<Sha256, Integer> depths) {
    Map<Sha256, Ancestry.Node> byId = new HashMap<>();
    handle
        .createQuery(
            """
            SELECT a.id, a.kind, a.name, a.run, a.stage, a.facts, a.created_at, c.step,
                   coalesce(c.state, 'COMMITTED') AS state
            FROM artifact a LEFT JOIN checkpoint c ON c.id = a.id
            WHERE a.id = ANY(:ids)
            """)
        .bindArray("ids", String.class, depths.keySet().stream().map(Sha256::hex).toList())
        .map(
            (row, context) -> {
              ArtifactRow artifact = Rows.ARTIFACT.map(row, context);
              long step = row.getLong("step");
              return new Ancestry.Node(
                  artifact,
                  depths.getOrDefault(artifact.ref().id(), 0),
                  row.wasNull() ? OptionalLong.empty() : OptionalLong.of(step),
                  CheckpointRow.State.valueOf(row.getString("state")));
            })
        .forEach(node -> byId.put(node.artifact().ref().id(), node));
    return depths.keySet().stream().filter(byId::containsKey).map(byId::get).toList();
  }
}
