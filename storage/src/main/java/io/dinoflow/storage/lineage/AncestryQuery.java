package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jdbi.v3.core.Handle;

/**
 * Walks the graph of edges from one artifact.
 *
 * <p>The recursion is seeded with the artifact and carries ids only, so each is visited once
 * however many ways lead to it. PostgreSQL visits level by level and stops when the outer LIMIT is
 * full; distances are counted afterwards, on the edges that were found.
 */
final class AncestryQuery {
  /** A walk that is read page by page holds no more than this, nearest first. */
  private static final int WALKED_MAX = 100_000;

  private final Handle handle;

  AncestryQuery(Handle handle) {
    this.handle = handle;
  }

  Ancestry run(Sha256 seed, Ancestry.Direction direction, int depthMax, int nodesMax) {
    List<String> reached = reached(seed, direction, nodesMax + 1);
    boolean tooMany = reached.size() > nodesMax;
    List<String> kept = tooMany ? reached.subList(0, nodesMax) : reached;
    List<Ancestry.Edge> edges = edges(kept);
    Map<Sha256, Integer> depths = depths(seed, direction, edges, depthMax);
    List<Ancestry.Node> nodes = nodes(depths);
    return new Ancestry(
        nodes,
        edges.stream()
            .filter(edge -> depths.containsKey(edge.from()) && depths.containsKey(edge.to()))
            .toList(),
        tooMany || depths.size() < kept.size());
  }

  /** Nodes {@code first} and on of the whole walk, and the edges of the walk that touch them. */
  Ancestry page(Sha256 seed, Ancestry.Direction direction, int depthMax, int first, int nodesMax) {
    List<String> reached = reached(seed, direction, WALKED_MAX);
    List<Ancestry.Edge> edges = edges(reached);
    Map<Sha256, Integer> depths = depths(seed, direction, edges, depthMax);
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
        edges.stream()
            .filter(edge -> depths.containsKey(edge.from()) && depths.containsKey(edge.to()))
            .filter(edge -> wanted.containsKey(edge.from()) || wanted.containsKey(edge.to()))
            .toList(),
        end < ordered.size());
  }

  private List<String> reached(Sha256 seed, Ancestry.Direction direction, int limit) {
    boolean up = direction == Ancestry.Direction.UP;
    return handle
        .createQuery(
            """
            WITH RECURSIVE reach (id) AS (
              SELECT id FROM artifact WHERE id = :seed
              UNION
              SELECT e.%s FROM reach JOIN edge e ON e.%s = reach.id)
            SELECT id FROM reach LIMIT :limit
            """
                .formatted(up ? "to_id" : "from_id", up ? "from_id" : "to_id"))
        .bind("seed", seed.hex())
        .bind("limit", limit)
        .mapTo(String.class)
        .list();
  }

  private List<Ancestry.Edge> edges(List<String> ids) {
    return handle
        .createQuery(
            """
            SELECT from_id, kind, to_id, attributes FROM edge
            WHERE from_id = ANY(:ids) AND to_id = ANY(:ids)
            ORDER BY from_id, kind, to_id
            """)
        .bindArray("ids", String.class, ids)
        .map(
            (row, context) ->
                new Ancestry.Edge(
                    EdgeKind.valueOf(row.getString("kind")),
                    new Sha256(row.getString("from_id")),
                    new Sha256(row.getString("to_id")),
                    Rows.texts(row.getString("attributes"))))
        .list();
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
