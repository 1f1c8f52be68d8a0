package io.dinoflow.storage.artifact;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.UnknownIdException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;

/** The rows that every artifact has, checkpoints too; written in their owner's transaction. */
public final class ArtifactRows {
  private ArtifactRows() {}

  /** Whether the artifact was committed before. */
  public static boolean exists(Handle handle, Sha256 id) {
    return handle
            .createQuery("SELECT count(*) FROM artifact WHERE id = :id")
            .bind("id", id.hex())
            .mapTo(Long.class)
            .one()
        > 0;
  }

  /** Inserts the artifact; two who insert the same one at once end in a duplicate key. */
  public static void insert(
      Handle handle,
      Sha256 id,
      ArtifactKind kind,
      String name,
      Optional<ArtifactDraft.MadeBy> madeBy,
      Map<String, String> facts) {
    handle
        .createUpdate(
            """
            INSERT INTO artifact (id, kind, name, run, stage, facts)
            VALUES (:id, :kind, :name, :run, :stage, CAST(:facts AS jsonb))
            """)
        .bind("id", id.hex())
        .bind("kind", kind.name())
        .bind("name", name)
        .bind("run", madeBy.map(m -> m.run().value()))
        .bind("stage", madeBy.map(ArtifactDraft.MadeBy::stage))
        .bind("facts", CanonicalJson.text(new TreeMap<>(facts)))
        .execute();
  }

  public static void insertFiles(Handle handle, Sha256 id, List<FileEntry> files) {
    if (files.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch(
            "INSERT INTO artifact_file (artifact, name, sha256, bytes) VALUES (:id, :name, :sha, :bytes)");
    for (FileEntry file : files) {
      batch
          .bind("id", id.hex())
          .bind("name", file.name())
          .bind("sha", file.sha256().hex())
          .bind("bytes", file.bytes())
          .add();
    }
    batch.execute();
  }

  /**
   * @throws UnknownIdException an edge leads to what was never committed
   */
  public static void insertEdges(Handle handle, Sha256 from, List<EdgeDraft> edges) {
    for (EdgeDraft edge : edges) {
      if (!exists(handle, edge.to())) {
        throw new UnknownIdException(
            "%s edge from %s leads to %s, which was never committed"
                .formatted(edge.kind(), from.shortForm(), edge.to()));
      }
      handle
          .createUpdate(
              """
              INSERT INTO edge (from_id, kind, to_id, attributes)
              VALUES (:from, :kind, :to, CAST(:attributes AS jsonb))
              ON CONFLICT DO NOTHING
              """)
          .bind("from", from.hex())
          .bind("kind", edge.kind().name())
          .bind("to", edge.to().hex())
          .bind("attributes", CanonicalJson.text(new TreeMap<>(edge.attributes())))
          .execute();
    }
  }

  public static void insertMetrics(Handle handle, Sha256 id, List<Metric> metrics) {
    for (Metric metric : metrics) {
      handle
          .createUpdate(
              """
              INSERT INTO evaluation (artifact, name, value, standard_error)
              VALUES (:id, :name, :value, :error)
              ON CONFLICT (artifact, name) DO NOTHING
              """)
          .bind("id", id.hex())
          .bind("name", metric.name())
          .bind("value", metric.value())
          .bind("error", metric.standardError())
          .execute();
    }
  }
}
