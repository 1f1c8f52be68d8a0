package io.dinoflow.storage.blob;

import io.dinoflow.model.artifact.Sha256;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;

/**
 * The rows that decide what a blob is: announced, live, being deleted, damaged.
 *
 * <p>Safety rests on two rules. A physical key is never used twice, so a late delete hits only the
 * object it was meant for. And the collector locks its candidates before it looks, in a second
 * statement, for references: in one statement the locked row would be read anew but the search for
 * references would not, and a blob committed in between would be doomed.
 */
public final class BlobTable {
  /** An advisory lock of PostgreSQL: who holds it reads blobs that must not go meanwhile. */
  public static final long BACKUP_LOCK = 7_106_025_914L;

  private static final String UNREFERENCED =
      "NOT EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)";

  private BlobTable() {}

  /** What a writer has to do. */
  public record Intent(BlobVersion version, boolean upload) {}

  /** An object about to be deleted. */
  public record Doomed(BlobVersion version, long bytes) {
    /** How many, and how large together. */
    public static Tally tally(Collection<Doomed> doomed) {
      return new Tally(doomed.size(), doomed.stream().mapToLong(Doomed::bytes).sum());
    }
  }

  /** How many, and how large together. */
  public record Tally(long blobs, long bytes) {}

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
   * Records that an object is not what it should be; a later writer uploads a new one. An object
   * made anew since the damage was found is left alone.
   *
   * @return whether the blob is damaged now: false where a good object took the place of the bad
   */
  public static boolean markDamaged(Handle handle, DamagedBlobException damage) {
    String sha = damage.file().sha256().hex();
    handle
        .createUpdate(
            "UPDATE blob SET state = 'DAMAGED' WHERE sha256 = :sha AND gen = :gen AND state = 'LIVE'")
        .bind("sha", sha)
        .bind("gen", damage.generation().orElse(-1))
        .execute();
    return handle
        .createQuery("SELECT count(*) = 0 FROM blob WHERE sha256 = :sha AND state = 'LIVE'")
        .bind("sha", sha)
        .mapTo(Boolean.class)
        .one();
  }

  /** Records that this object was read whole and is what it should be. */
  public static void markVerified(Handle handle, Sha256 sha256) {
    handle
        .createUpdate("UPDATE blob SET verified_at = now() WHERE sha256 = :sha AND state = 'LIVE'")
        .bind("sha", sha256.hex())
        .execute();
  }

  /**
   * Dooms up to {@code limit} blobs that nothing holds and whose lease ended.
   *
   * @return doomed objects, those of an interrupted collection too, {@code limit} at most; none
   *     while a backup is made
   */
  public static List<Doomed> doom(Handle handle, int limit) {
    boolean free =
        handle
            .createQuery("SELECT pg_try_advisory_xact_lock_shared(:lock)")
            .bind("lock", BACKUP_LOCK)
            .mapTo(Boolean.class)
            .one();
    if (!free) {
      return List.of();
    }
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
            "SELECT sha256, gen, bytes FROM blob WHERE state = 'DELETING' ORDER BY sha256 LIMIT :limit")
        .bind("limit", limit)
        .map(
            (row, context) ->
                new Doomed(
                    new BlobVersion(new Sha256(row.getString("sha256")), row.getLong("gen")),
                    row.getLong("bytes")))
        .list();
  }

  /** How much could be doomed now if {@code released} held nothing any more. */
  public static Tally collectable(Handle handle, Collection<Sha256> released) {
    return tally(
        handle
            .createQuery(
                """
                SELECT count(*) AS blobs, coalesce(sum(b.bytes), 0) AS bytes FROM blob b
                WHERE (b.state = 'DELETING' OR b.lease_until < now())
                  AND NOT EXISTS (
                    SELECT 1 FROM blob_reference r
                    WHERE r.sha256 = b.sha256 AND r.artifact <> ALL(:released))
                """)
            .bindArray("released", String.class, released.stream().map(Sha256::hex).toList()));
  }

  /** What something holds. */
  public static Tally referenced(Handle handle) {
    return tally(
        handle.createQuery(
            """
            SELECT count(*) AS blobs, coalesce(sum(b.bytes), 0) AS bytes FROM blob b
            WHERE EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)
            """));
  }

  /** Every blob that has a row, held or not. */
  public static Tally all(Handle handle) {
    return tally(
        handle.createQuery("SELECT count(*) AS blobs, coalesce(sum(bytes), 0) AS bytes FROM blob"));
  }

  private static Tally tally(Query query) {
    return query.map((row, context) -> new Tally(row.getLong("blobs"), row.getLong("bytes"))).one();
  }

  /** Those of {@code versions} that have a row of exactly their generation. */
  public static Set<BlobVersion> known(Handle handle, Collection<BlobVersion> versions) {
    Set<BlobVersion> known = new HashSet<>();
    handle
        .createQuery("SELECT sha256, gen FROM blob WHERE sha256 = ANY(:shas)")
        .bindArray("shas", String.class, versions.stream().map(v -> v.sha256().hex()).toList())
        .map(
            (row, context) ->
                new BlobVersion(new Sha256(row.getString("sha256")), row.getLong("gen")))
        .forEach(known::add);
    known.retainAll(versions);
    return known;
  }

  /**
   * Drops the rows of deleted objects, but not those of blobs that were made again meanwhile.
   *
   * @return rows dropped
   */
  public static int forget(Handle handle, Collection<BlobVersion> versions) {
    if (versions.isEmpty()) {
      return 0;
    }
    PreparedBatch batch =
        handle.prepareBatch(
            "DELETE FROM blob WHERE sha256 = :sha AND gen = :gen AND state = 'DELETING'");
    for (BlobVersion version : new TreeSet<>(versions)) {
      batch.bind("sha", version.sha256().hex()).bind("gen", version.gen()).add();
    }
    return Arrays.stream(batch.execute()).sum();
  }
}
