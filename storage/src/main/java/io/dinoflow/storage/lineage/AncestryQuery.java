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
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;

/**
 * Walks the graph of edges from one artifact.
 *
 * <p>The recursion is seeded with the artifact and carries its number only ({@code artifact.seq}),
 * so each is visited once however many ways lead to it. PostgreSQL visits level by level and stops
 * when the LIMIT is full; the same statement returns what was kept, an artifact a row with the
 * edges that lead on from it, and distances are counted afterwards, on those. So a walk is one
 * statement, and a row an artifact rather than one an edge: sending rows costs as much as finding
 * them.
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
    Map<Sha256, Ancestry.Node> found = new HashMap<>();
    Walk walk =
        walk(
            seed,
            direction,
            nodesMax,
            """
            , a.*, c.step, coalesce(c.state, 'COMMITTED') AS state
            """,
            "LEFT JOIN checkpoint c ON c.id = a.id",
            (row, context) -> {
              Ancestry.Node node = node(row, context);
              found.put(node.artifact().ref().id(), node);
            });
    Map<Sha256, Integer> depths = depths(seed, direction, walk.edges(), depthMax);
    List<Ancestry.Node> nodes = new ArrayList<>();
    depths.forEach(
        (id, depth) ->
            Optional.ofNullable(found.get(id)).map(node -> at(node, depth)).ifPresent(nodes::add));
    return new Ancestry(
        nodes,
        walk.edges().stream()
            .filter(edge -> depths.containsKey(edge.from()) && depths.containsKey(edge.to()))
            .toList(),
        walk.cut() || depths.size() < walk.reached());
  }

  private static Ancestry.Node at(Ancestry.Node node, int depth) {
    return new Ancestry.Node(node.artifact(), depth, node.step(), node.state());
  }

  /** Nodes {@code first} and on of the whole walk, and the edges of the walk that touch them. */
  Ancestry page(Sha256 seed, Ancestry.Direction direction, int depthMax, int first, int nodesMax) {
    Walk walk = walk(seed, direction, WALKED_MAX, "", "", (row, context) -> {});
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

  /** Hears every row of a walk while it stands on it. */
  @FunctionalInterface
  private interface Hearer {
    void row(ResultSet row, StatementContext context) throws SQLException;
  }

  /**
   * @param columns more to select of each artifact
   * @param joins where they are from
   */
  private Walk walk(
      Sha256 seed,
      Ancestry.Direction direction,
      int nodesMax,
      String columns,
      String joins,
      Hearer hearer) {
    boolean up = direction == Ancestry.Direction.UP;
    List<Row> rows =
        handle
            .createQuery(
                """
                WITH RECURSIVE reach (seq) AS (
                  SELECT seq FROM artifact WHERE id = :seed
                  UNION
                  SELECT e.%1$s FROM reach JOIN edge e ON e.%2$s = reach.seq),
                kept AS MATERIALIZED (SELECT seq FROM reach LIMIT :max)
                SELECT a.id AS node, a.seq,
                       (SELECT count(*) > :max FROM (SELECT 1 FROM reach LIMIT :max + 1) one_more)
                         AS cut,
                       (SELECT string_agg(e.%1$s || ' ' || e.kind || ' ' || e.attributes, E'\n')
                        FROM edge e WHERE e.%2$s = kept.seq) AS edges
                       %3$s
                FROM kept JOIN artifact a ON a.seq = kept.seq %4$s
                """
                    .formatted(
                        up ? "to_seq" : "from_seq", up ? "from_seq" : "to_seq", columns, joins))
            .bind("seed", seed.hex())
            .bind("max", (long) nodesMax)
            .map(
                (row, context) -> {
                  hearer.row(row, context);
                  return new Row(
                      new Sha256(row.getString(1)),
                      row.getLong(2),
                      row.getBoolean(3),
                      Optional.ofNullable(row.getString(4)).orElse(""));
                })
            .list();
    Map<Long, Sha256> ids = new HashMap<>();
    rows.forEach(row -> ids.put(row.seq(), row.id()));
    return new Walk(edges(rows, ids, up), ids.size(), !rows.isEmpty() && rows.get(0).cut());
  }

  /**
   * An artifact.
   *
   * @param seq its number within the database, by which the edges name it
   * @param cut whether there are artifacts beyond all rows
   * @param edges a line each: the other end, kind and attributes (JSON has no raw line breaks)
   */
  private record Row(Sha256 id, long seq, boolean cut, String edges) {}

  private static List<Ancestry.Edge> edges(List<Row> rows, Map<Long, Sha256> ids, boolean up) {
    Map<Sha256, List<Ancestry.Edge>> byMade = new TreeMap<>();
    for (Row row : rows) {
      for (String line : row.edges().isEmpty() ? new String[0] : row.edges().split("\n")) {
        int kind = line.indexOf(' ');
        int attributes = line.indexOf(' ', kind + 1);
        Sha256 other = ids.get(Long.parseLong(line, 0, kind, 10));
        if (other != null) {
          Sha256 made = up ? row.id() : other;
          byMade
              .computeIfAbsent(made, m -> new ArrayList<>())
              .add(
                  new Ancestry.Edge(
                      EdgeKind.valueOf(line.substring(kind + 1, attributes)),
                      made,
                      up ? other : row.id(),
                      Rows.texts(line.substring(attributes + 1))));
        }
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
            SELECT a.*, c.step, coalesce(c.state, 'COMMITTED') AS state
            FROM artifact a LEFT JOIN checkpoint c ON c.id = a.id
            WHERE a.id = ANY(:ids)
            """)
        .bindArray("ids", String.class, depths.keySet().stream().map(Sha256::hex).toList())
        .map(AncestryQuery::node)
        .forEach(node -> byId.put(node.artifact().ref().id(), node));
    List<Ancestry.Node> nodes = new ArrayList<>();
    depths.forEach(
        (id, depth) ->
            Optional.ofNullable(byId.get(id)).map(node -> at(node, depth)).ifPresent(nodes::add));
    return nodes;
  }

  /** At no distance yet. */
  private static Ancestry.Node node(ResultSet row, StatementContext context) throws SQLException {
    ArtifactRow artifact = Rows.ARTIFACT.map(row, context);
    long step = row.getLong("step");
    return new Ancestry.Node(
        artifact,
        0,
        row.wasNull() ? OptionalLong.empty() : OptionalLong.of(step),
        CheckpointRow.State.valueOf(row.getString("state")));
  }
}
