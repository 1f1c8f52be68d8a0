package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.jdbc.Database;
import java.util.function.LongConsumer;
import org.jdbi.v3.core.Handle;

/**
 * A lineage graph of any size and known shape, made inside PostgreSQL, to measure and test what
 * walks graphs.
 *
 * <p>It consists of families that nothing connects. A family is {@value #LAYERS} layers of {@value
 * #LANES} artifacts: datasets in the first, then checkpoints, whose first edge leads to the same
 * lane one layer before (so that a chain is as long as there are layers) and whose others lead
 * anywhere before in the family. So an artifact has up to {@value #FAMILY} ancestors or
 * descendants. Equal numbers give equal graphs.
 *
 * @param families at least 1
 * @param edgesPerArtifact 1 to 5, one a kind
 */
public record SyntheticGraph(int families, int edgesPerArtifact) {
  public static final int LAYERS = 200;
  public static final int LANES = 10;
  public static final int FAMILY = LAYERS * LANES;
  public static final int EDGES_PER_ARTIFACT_MAX = 5;

  /** Families a transaction: some seconds of work. */
  private static final int BATCH = 10;

  private static final String ID =
      "encode(sha256(convert_to('synthetic ' || (%s), 'UTF8')), 'hex')";

  public SyntheticGraph {
    if (families < 1 || edgesPerArtifact < 1 || edgesPerArtifact > EDGES_PER_ARTIFACT_MAX) {
      throw new IllegalArgumentException(
          "a graph needs 1 family or more and 1 to %d edges an artifact, not %d and %d"
              .formatted(EDGES_PER_ARTIFACT_MAX, families, edgesPerArtifact));
    }
  }

  public long artifacts() {
    return (long) families * FAMILY;
  }

  /** The id of an artifact, numbered from 0 family by family and layer by layer. */
  public static Sha256 id(long number) {
    return Sha256.ofText("synthetic " + number);
  }

  /**
   * Fills a database that has the tables and no rows. Foreign keys of the filled tables go, because
   * what is made here satisfies them and checking every row takes longer than making it: only for a
   * database that is thrown away.
   *
   * @param progress hears the number of artifacts made so far
   * @return the edges made
   */
  public long fill(Database database, LongConsumer progress) {
    database.inTransaction(
        handle ->
            handle.execute(
                """
                ALTER TABLE edge DROP CONSTRAINT edge_from;
                ALTER TABLE edge DROP CONSTRAINT edge_to;
                ALTER TABLE checkpoint DROP CONSTRAINT checkpoint_id_fkey;
                ALTER TABLE checkpoint DROP CONSTRAINT checkpoint_parent_fkey;
                """));
    long edges = 0;
    for (int first = 0; first < families; first += BATCH) {
      int end = Math.min(families, first + BATCH);
      int begin = first;
      edges += database.inTransaction(handle -> families(handle, begin, end));
      progress.accept((long) end * FAMILY);
    }
    database.read(handle -> handle.execute("VACUUM ANALYZE artifact"));
    database.read(handle -> handle.execute("VACUUM ANALYZE checkpoint"));
    database.read(handle -> handle.execute("VACUUM ANALYZE edge"));
    return edges;
  }

  private int families(Handle handle, int first, int end) {
    handle.execute(
        """
        INSERT INTO run (id, recipe_name, recipe_digest, recipe_json, state)
        SELECT 'family-' || f, 'synthetic', repeat('0', 64), '{}', 'running'
        FROM generate_series(?, ? - 1) f
        """,
        first,
        end);
    handle.execute(
        """
        INSERT INTO track (id, run, stage)
        SELECT 'family-' || f || '/lane-' || l, 'family-' || f, 'lane-' || l
        FROM generate_series(?, ? - 1) f, generate_series(0, ? - 1) l
        """,
        first,
        end,
        LANES);
    for (String statement : new String[] {artifactRows(), checkpointRows()}) {
      handle
          .createUpdate(statement)
          .bind("first", (long) first * FAMILY)
          .bind("end", (long) end * FAMILY)
          .execute();
    }
    return handle
        .createUpdate(edgeRows())
        .bind("first", (long) first * FAMILY)
        .bind("end", (long) end * FAMILY)
        .bind("edges", edgesPerArtifact)
        .execute();
  }

  private static String artifactRows() {
    return numbered()
        + """
        INSERT INTO artifact (id, seq, kind, name, run, stage) OVERRIDING SYSTEM VALUE
        SELECT %s, n, CASE layer WHEN 0 THEN 'DATASET' ELSE 'CHECKPOINT' END,
               'family-' || family || '/lane-' || lane || '@' || layer,
               'family-' || family, 'lane-' || lane
        FROM node
        """
            .formatted(ID.formatted("n"));
  }

  private static String checkpointRows() {
    return numbered()
        + """
        INSERT INTO checkpoint (id, track, step, fence, parent, state_digest, bytes)
        SELECT %s, 'family-' || family || '/lane-' || lane, layer, 1,
               CASE layer WHEN 1 THEN NULL ELSE %s END, repeat('1', 64), 1000
        FROM node WHERE layer > 0
        """
            .formatted(ID.formatted("n"), ID.formatted("n - " + LANES));
  }

  /** One edge a kind, so that no two edges of an artifact are the same. */
  private static String edgeRows() {
    return numbered()
        + """
        INSERT INTO edge (from_id, from_seq, kind, to_id, to_seq, attributes)
        SELECT %s, n, kind, %s, other, attributes
        FROM node, generate_series(0, :edges - 1) k, LATERAL (
          SELECT CASE k WHEN 0 THEN CASE layer WHEN 1 THEN 'DATASET' ELSE 'PARENT' END
                        WHEN 1 THEN 'GRAM_TEACHER' WHEN 2 THEN 'DISTILLED_FROM'
                        WHEN 3 THEN 'INITIALISED_FROM' ELSE 'EVALUATED_ON' END AS kind,
                 CASE k WHEN 0 THEN n - %d
                        ELSE family * %d + (hashint8(n * 8 + k)::bigint & 2147483647) %% (layer * %d)
                        END AS other,
                 CASE k WHEN 1 THEN jsonb_build_object('step', layer::text) ELSE '{}' END
                   AS attributes) edge
        WHERE layer > 0
        """
            .formatted(ID.formatted("n"), ID.formatted("other"), LANES, FAMILY, LANES);
  }

  private static String numbered() {
    return """
    WITH node AS (
      SELECT n, n / %1$d AS family, n %% %1$d / %2$d AS layer, n %% %2$d AS lane
      FROM generate_series(:first, :end - 1) n)
    """
        .formatted(FAMILY, LANES);
  }
}
