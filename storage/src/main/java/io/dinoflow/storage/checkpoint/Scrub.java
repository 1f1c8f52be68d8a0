package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.BlobStore;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jdbi.v3.core.Handle;

/**
 * Reads stored blobs back and compares them with their digests, before somebody needs them.
 *
 * <p>A damaged blob is marked, so that the next writer of the same content uploads it anew, and
 * every checkpoint that names it becomes CORRUPT; but a head stays where it is: its track's next
 * owner finds the damage itself and falls back under its own fence. Safe beside everything else.
 */
public final class Scrub {
  private final Database database;
  private final BlobStore blobs;

  public Scrub(Database database, ObjectStore objects) {
    this.database = database;
    this.blobs = new BlobStore(database, objects);
  }

  /**
   * One file that was read.
   *
   * @param wrong what is wrong with it, if anything
   */
  public record Finding(FileEntry file, Optional<String> wrong) {}

  /**
   * Everything that was read in one round.
   *
   * @param damaged those whose bytes are not what they should be
   */
  public record Round(long blobs, long bytes, List<Finding> damaged) {
    public Round {
      damaged = List.copyOf(damaged);
    }
  }

  /**
   * Every file of a checkpoint or other artifact, its manifest included.
   *
   * @throws UnknownIdException nothing has this id, or its bytes were let go
   */
  public List<Finding> verify(Sha256 artifact, Consumer<FileEntry> alive) {
    List<FileEntry> files = database.read(handle -> files(handle, artifact));
    List<Finding> findings = new ArrayList<>();
    for (FileEntry file : files) {
      alive.accept(file);
      findings.add(check(file));
    }
    return findings;
  }

  private static List<FileEntry> files(Handle handle, Sha256 artifact) {
    String state =
        handle
            .createQuery(
                """
                SELECT coalesce(c.state, 'COMMITTED')
                FROM artifact a LEFT JOIN checkpoint c ON c.id = a.id WHERE a.id = :id
                """)
            .bind("id", artifact.hex())
            .mapTo(String.class)
            .findOne()
            .orElseThrow(() -> new UnknownIdException("no artifact has the id " + artifact));
    if (state.equals("EXPIRED")) {
      throw new UnknownIdException(
          "checkpoint %s has expired: its bytes were let go, only its lineage is kept"
              .formatted(artifact.shortForm()));
    }
    return handle
        .createQuery(
            """
            SELECT f.name, f.sha256, f.bytes FROM artifact_file f WHERE f.artifact = :id
            UNION ALL
            SELECT :manifest, :id, coalesce((SELECT b.bytes FROM blob b WHERE b.sha256 = :id), 0)
            ORDER BY 1
            """)
        .bind("id", artifact.hex())
        .bind("manifest", BlobStore.MANIFEST_NAME)
        .map(
            (row, context) ->
                new FileEntry(
                    row.getString("name"),
                    new Sha256(row.getString("sha256")),
                    row.getLong("bytes")))
        .list();
  }

  /**
   * Reads the blobs of all heads and pinned checkpoints, and of the rest what was not read for
   * longest, until {@code bytesMax} of it are read.
   *
   * @param alive told before each blob; may throw to end the round early
   */
  public Round run(long bytesMax, Consumer<FileEntry> alive) {
    List<FileEntry> due = database.read(handle -> due(handle, bytesMax));
    List<Finding> damaged = new ArrayList<>();
    long bytes = 0;
    for (FileEntry file : due) {
      alive.accept(file);
      Finding finding = check(file);
      bytes += file.bytes();
      if (finding.wrong().isPresent()) {
        damaged.add(finding);
      }
    }
    return new Round(due.size(), bytes, damaged);
  }

  /** The budget is cut by a running sum; the first blob is always in it, however large. */
  private static List<FileEntry> due(Handle handle, long bytesMax) {
    return handle
        .createQuery(
            """
            WITH needed AS (
              SELECT DISTINCT r.sha256 FROM blob_reference r
              WHERE r.artifact IN (SELECT head FROM track WHERE head IS NOT NULL
                                   UNION SELECT id FROM checkpoint WHERE pinned)),
            queued AS (
              SELECT b.sha256, b.bytes, b.verified_at, n.sha256 IS NOT NULL AS needed,
                     coalesce(sum(b.bytes) OVER (
                       PARTITION BY n.sha256 IS NOT NULL ORDER BY b.verified_at NULLS FIRST, b.sha256
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
              FROM blob b LEFT JOIN needed n ON n.sha256 = b.sha256
              WHERE b.state = 'LIVE'
                AND EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256))
            SELECT q.sha256, q.bytes,
                   coalesce((SELECT min(f.name) FROM artifact_file f WHERE f.sha256 = q.sha256),
                            :manifest) AS name
            FROM queued q WHERE q.needed OR q.before < :bytes
            ORDER BY q.needed DESC, q.verified_at NULLS FIRST, q.sha256
            """)
        .bind("bytes", bytesMax)
        .bind("manifest", BlobStore.MANIFEST_NAME)
        .map(
            (row, context) ->
                new FileEntry(
                    row.getString("name"),
                    new Sha256(row.getString("sha256")),
                    row.getLong("bytes")))
        .list();
  }

  private Finding check(FileEntry file) {
    try {
      blobs.verify(file);
      database.inTransaction(
          handle -> {
            BlobTable.markVerified(handle, file.sha256());
            return true;
          });
      return new Finding(file, Optional.empty());
    } catch (DamagedBlobException damage) {
      database.inTransaction(handle -> mark(handle, damage));
      return new Finding(file, Optional.of(damage.finding()));
    }
  }

  private static boolean mark(Handle handle, DamagedBlobException damage) {
    boolean damaged = BlobTable.markDamaged(handle, damage);
    if (damaged) {
      handle
          .createUpdate(
              """
              UPDATE checkpoint c SET state = 'CORRUPT'
              WHERE c.state = 'COMMITTED'
                AND (c.id = :sha OR c.id IN (SELECT artifact FROM artifact_file WHERE sha256 = :sha))
                AND NOT EXISTS (SELECT 1 FROM track t WHERE t.head = c.id)
              """)
          .bind("sha", damage.file().sha256().hex())
          .execute();
    }
    return damaged;
  }
}
