package io.dinoflow.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.artifact.ArtifactRows;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.jdbc.TransientSql;
import io.dinoflow.storage.testing.TestServers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Two sessions, directed: a blob is referenced after the collector's look began and before it
 * ended. The collector's view of references stands behind a gate of the test's own, so that the
 * moment can be hit every time.
 */
class LateReferenceIT {
  private static final int GATE = 4711;
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final Sha256 BLOB = Sha256.ofText("referenced late");
  private static final Sha256 OTHER = Sha256.ofText("referenced long ago");

  private Database database;
  private BlobVersion version;

  @BeforeEach
  void twoBlobsAndAGate() {
    database = TestServers.database();
    version = database.inTransaction(handle -> intend(handle, BLOB));
    BlobVersion held = database.inTransaction(handle -> intend(handle, OTHER));
    database.inTransaction(handle -> hold(handle, OTHER, held));
    database.inTransaction(
        handle -> {
          handle.execute(
              """
              CREATE FUNCTION gate() RETURNS boolean VOLATILE LANGUAGE plpgsql AS
              $$ BEGIN PERFORM pg_advisory_xact_lock_shared(%d); RETURN true; END $$
              """
                  .formatted(GATE));
          handle.execute("ALTER TABLE blob_reference RENAME TO blob_reference_behind");
          return handle.execute(
              "CREATE VIEW blob_reference AS SELECT * FROM blob_reference_behind WHERE gate()");
        });
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void theCollectorLooksForReferencesAnewOnceItHoldsItsCandidates() throws Exception {
    List<BlobTable.Doomed> doomed =
        whileTheGateIsShut(handle -> BlobTable.doom(handle, 100), this::referenceTheBlob);

    assertThat(doomed).isEmpty();
    assertThat(state()).isEqualTo("LIVE");
  }

  @Test
  void inOneStatementTheSameCollectorWouldDoomTheBlob() throws Exception {
    whileTheGateIsShut(
        handle ->
            handle.execute(
                """
                UPDATE blob SET state = 'DELETING' WHERE sha256 IN (
                  SELECT b.sha256 FROM blob b
                  WHERE b.lease_until < now() AND b.state IN ('PENDING', 'LIVE', 'DAMAGED')
                    AND NOT EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)
                  ORDER BY b.sha256 LIMIT 100 FOR UPDATE SKIP LOCKED)
                """),
        this::referenceTheBlob);

    assertThat(state())
        .as("the gate opens at the moment that two statements are there for")
        .isEqualTo("DELETING");
  }

  private <T> T whileTheGateIsShut(Function<Handle, T> collector, Runnable writer)
      throws Exception {
    CompletableFuture<Void> open = new CompletableFuture<>();
    CompletableFuture<Void> shut = new CompletableFuture<>();
    CompletableFuture<Boolean> keeper =
        CompletableFuture.supplyAsync(
            () ->
                database.inTransaction(
                    handle -> {
                      handle.execute("SELECT pg_advisory_xact_lock(" + GATE + ")");
                      shut.complete(null);
                      open.join();
                      return true;
                    }));
    shut.get(2, TimeUnit.MINUTES);
    CompletableFuture<T> looking =
        CompletableFuture.supplyAsync(() -> database.inTransaction(patiently(collector)));
    await().atMost(LONGEST).until(this::somebodyWaitsAtTheGate);
    writer.run();
    open.complete(null);
    keeper.get(2, TimeUnit.MINUTES);
    return looking.get(2, TimeUnit.MINUTES);
  }

  /** The gate stays shut for as long as this test needs, not for as long as a lock may take. */
  private static <T> TransientSql.Work<T> patiently(Function<Handle, T> work) {
    return handle -> {
      handle.execute("SET LOCAL lock_timeout = 0");
      handle.execute("SET LOCAL statement_timeout = 0");
      return work.apply(handle);
    };
  }

  private boolean somebodyWaitsAtTheGate() {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT count(*) > 0 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                .mapTo(Boolean.class)
                .one());
  }

  private void referenceTheBlob() {
    database.inTransaction(
        handle -> {
          // past the gate: a writer never looks for references
          handle.execute("UPDATE blob SET state = 'LIVE' WHERE sha256 = ?", BLOB.hex());
          insertArtifact(handle, BLOB);
          return handle.execute(
              "INSERT INTO blob_reference_behind (artifact, sha256) VALUES (?, ?)",
              BLOB.hex(),
              BLOB.hex());
        });
  }

  private static BlobVersion intend(Handle handle, Sha256 sha256) {
    return BlobTable.intend(handle, new FileEntry("blob", sha256, 1), 0).version();
  }

  private static boolean hold(Handle handle, Sha256 artifact, BlobVersion held) {
    insertArtifact(handle, artifact);
    BlobTable.hold(handle, artifact, List.of(held));
    return true;
  }

  private static void insertArtifact(Handle handle, Sha256 id) {
    ArtifactRows.insert(handle, id, ArtifactKind.STAGE, "late", Optional.empty(), Map.of());
  }

  private String state() {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT state FROM blob WHERE sha256 = :sha AND gen = :gen")
                .bind("sha", BLOB.hex())
                .bind("gen", version.gen())
                .mapTo(String.class)
                .one());
  }
}
