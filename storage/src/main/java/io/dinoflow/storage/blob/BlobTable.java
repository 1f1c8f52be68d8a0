package io.dinoflow.storage.blob;

import io.dinoflow.model.artifact.Sha256;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;

/**
 * The rows that decide what a blob is: announced, live, being deleted, damaged.
 *
 * <p>Safety rests on two rules. A physical key is never used twice, so a late delete hits only the
 * object it was meant for. And the collector locks its candidates before it looks, in a second
 * statement, for references: in one statement the locked row would be read anew but the search for
 * references would not, and a blob committed in between would be doomed.
 */
public final class BlobTable {
  private static final String UNREFERENCED =
      "NOT EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)";

  private BlobTable() {}

  /** What a writer has to do. */
  public record Intent(BlobVersion version, boolean upload) {}

  /**
   * Announces a blob before its upload, and keeps the collector away for {@code leaseSeconds}. A
   * blob being deleted, or damaged, gets a new generation: its old object is never touched again.
   */
  public static Intent intend(Handle handle, FileEntry file, long leaseSeconds) {
    return handle
        .createQuery(
            """
            INSERT INTO blob AS b (sha256, bytes, state, lease_until)
            VALUES (:sha, :bytes, 'PENDING', now() + make_interval(secs => :lease))
            ON CONFLICT (sha256) DO UPDATE SET
              gen = CASE WHEN b.state IN ('DELETING', 'DAMAGED')
                         THEN nextval('blob_gen') ELSE b.gen END,
              state = CASE WHEN b.state IN ('DELETING', 'DAMAGED') THEN 'PENDING' ELSE b.state END,
              lease_until = greatest(b.lease_until, excluded.lease_until)
            RETURNING gen, state, bytes
            """)
        .bind("sha", file.sha256().hex())
        .bind("bytes", file.bytes())
        .bind("lease", leaseSeconds)
        .map(
            (row, context) -> {
              if (row.getLong("bytes") != file.bytes()) {
                throw new IllegalStateException(
                    "%s has %d bytes, but a blob with its digest %s has %d: it changed after it was hashed"
                        .formatted(file.name(), file.bytes(), file.sha256(), row.getLong("bytes")));
              }
              return new Intent(
                  new BlobVersion(file.sha256(), row.getLong("gen")),
                  row.getString("state").equals("PENDING"));
            })
        .one();
  }

  /**
   * Locks blobs in digest order, before a transaction holds them for several artifacts, so that two
   * committers never wait for each other in a circle.
   */
  public static void lock(Handle handle, Collection<BlobVersion> versions) {
    handle
        .createQuery("SELECT sha256 FROM blob WHERE sha256 = ANY(:shas) ORDER BY sha256 FOR UPDATE")
        .bindArray(
            "shas", String.class, versions.stream().map(v -> v.sha256().hex()).distinct().toList())
        .mapTo(String.class)
        .list();
  }

  /**
   * Makes uploaded blobs live and lets {@code artifact}, whose row exists, hold them.
   *
   * @throws BlobGoneException one of them was collected or found damaged since its upload
   */
  public static void hold(Handle handle, Sha256 artifact, Collection<BlobVersion> versions) {
    SortedSet<BlobVersion> sorted = new TreeSet<>(versions);
    for (BlobVersion version : sorted) {
      int changed =
          handle
              .createUpdate(
                  """
                  UPDATE blob SET state = 'LIVE'
                  WHERE sha256 = :sha AND gen = :gen AND state IN ('PENDING', 'LIVE')
                  """)
              .bind("sha", version.sha256().hex())
              .bind("gen", version.gen())
              .execute();
      if (changed != 1) {
        throw new BlobGoneException(
            "blob %s generation %d was collected or damaged before the commit"
                .formatted(version.sha256(), version.gen()));
      }
      handle
          .createUpdate("INSERT INTO blob_reference (artifact, sha256) VALUES (:artifact, :sha)")
          .bind("artifact", artifact.hex())
          .bind("sha", version.sha256().hex())
          .execute();
    }
  }

  /** The object to read; empty where the blob is not live. */
  public static Optional<BlobVersion> live(Handle handle, Sha256 sha256) {
    return handle
        .createQuery("SELECT gen FROM blob WHERE sha256 = :sha AND state = 'LIVE'")
        .bind("sha", sha256.hex())
        .mapTo(Long.class)
        .findOne()
        .map(gen -> new BlobVersion(sha256, gen));
  }

  /** Makes a blob live that was uploaded anew for an artifact that holds it already. */
  public static void revive(Handle handle, BlobVersion version) {
    handle
        .createUpdate(
            "UPDATE blob SET state = 'LIVE' WHERE sha256 = :sha AND gen = :gen AND state = 'PENDING'")
        .bind("sha", version.sha256().hex())
        .bind("gen", version.gen())
        .execute();
  }

  /**
   * Records that this object is not what it should be; a later writer uploads a new one.
   *
   * @return rows changed
   */
  public static int markDamaged(Handle handle, Sha256 sha256) {
    return handle
        .createUpdate("UPDATE blob SET state = 'DAMAGED' WHERE sha256 = :sha AND state = 'LIVE'")
        .bind("sha", sha256.hex())
        .execute();
  }

  /**
   * Dooms up to {@code limit} blobs that nothing holds and whose lease ended.
   *
   * @return all doomed objects, those of an interrupted collection too
   */
  public static List<BlobVersion> doom(Handle handle, int limit) {
    List<String> candidates =
        handle
            .createQuery(
                """
                SELECT b.sha256 FROM blob b
                WHERE b.lease_until < now() AND b.state IN ('PENDING', 'LIVE', 'DAMAGED') AND %s
                ORDER BY b.sha256 LIMIT :limit FOR UPDATE SKIP LOCKED
                """
                    .formatted(UNREFERENCED))
            .bind("limit", limit)
            .mapTo(String.class)
            .list();
    handle
        .createUpdate(
            """
            UPDATE blob b SET state = 'DELETING'
            WHERE b.sha256 = ANY(:candidates) AND b.lease_until < now() AND %s
            """
                .formatted(UNREFERENCED))
        .bindArray("candidates", String.class, candidates)
        .execute();
    return handle
        .createQuery(
            "SELECT sha256, gen FROM blob WHERE state = 'DELETING' ORDER BY sha256 LIMIT :limit")
        .bind("limit", limit)
        .map(
            (row, context) ->
                new BlobVersion(new Sha256(row.getString("sha256")), row.getLong("gen")))
        .list();
  }

  /**
   * Drops the row of a deleted object, unless the blob was made again meanwhile.
   *
   * @return rows dropped
   */
  public static int forget(Handle handle, BlobVersion version) {
    return handle
        .createUpdate("DELETE FROM blob WHERE sha256 = :sha AND gen = :gen AND state = 'DELETING'")
        .bind("sha", version.sha256().hex())
        .bind("gen", version.gen())
        .execute();
  }
}
