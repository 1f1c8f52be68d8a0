package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.jdbc.Database;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Lets go of checkpoints that a policy does not keep.
 *
 * <p>Kept are the head, the last {@code max_to_keep}, multiples of {@code keep_every}, the best of
 * each probe, pinned and registered ones, results of stages, what a fork begins with, what the
 * recipe of an open run names, and every one that something other than its own successor was made
 * from or measured on: forks, students, Gram teachers, evaluations. An expired checkpoint keeps its
 * row and edges for ever, so lineage is never cut; only its hold on blobs ends, which the {@link
 * Collector} then deletes. Corrupt checkpoints let go of theirs too. Safe to repeat, and beside
 * commits.
 */
public final class Retention {
  /** Everything a policy does not keep. The steps are counted by what can still be read. */
  private static final String DUE =
      """
      SELECT c.id, c.track, c.step, c.state_digest
      FROM checkpoint c JOIN track t ON t.id = c.track
      WHERE c.track = :track AND c.state = 'COMMITTED' AND NOT c.pinned
        AND :keep > 0
        AND c.id NOT IN (
          SELECT k.id FROM checkpoint k
          WHERE k.track = :track AND k.state = 'COMMITTED'
          ORDER BY k.step DESC LIMIT :keep)
        AND (:every = 0 OR c.step % greatest(:every, 1) <> 0)
        AND NOT EXISTS (SELECT 1 FROM track h WHERE h.head = c.id)
        AND NOT EXISTS (SELECT 1 FROM model_version v WHERE v.checkpoint = c.id)
        AND NOT EXISTS (
          SELECT 1 FROM stage s WHERE s.run = t.run AND c.id = ANY(s.outputs))
        AND NOT EXISTS (
          SELECT 1 FROM edge e LEFT JOIN checkpoint made ON made.id = e.from_id
          WHERE e.to_id = c.id AND (e.kind <> 'PARENT' OR made.track <> c.track))
        AND NOT EXISTS (
          SELECT 1 FROM edge e JOIN checkpoint old ON old.id = e.to_id
          WHERE e.from_id = c.id AND e.kind = 'PARENT' AND old.track <> c.track)
        AND NOT EXISTS (
          SELECT 1 FROM run r WHERE r.closed_at IS NULL AND strpos(r.recipe_json, c.id) > 0)
        AND c.id NOT IN (
          SELECT best.id FROM (
            SELECT DISTINCT ON (m.name) k.id
            FROM checkpoint k JOIN evaluation m ON m.artifact = k.id
            WHERE k.track = :track AND k.state = 'COMMITTED' AND m.name LIKE 'probe.%'
            ORDER BY m.name, m.value DESC, k.step DESC) best)
      ORDER BY c.step
      """;

  private final Database database;

  public Retention(Database database) {
    this.database = database;
  }

  /** What {@link #expire} would let go of now. */
  public List<CheckpointRef> due(TrackId track, CheckpointPolicy policy) {
    return database.read(handle -> due(handle, track, policy));
  }

  private static List<CheckpointRef> due(Handle handle, TrackId track, CheckpointPolicy policy) {
    return handle
        .createQuery(DUE)
        .bind("track", track.toString())
        .bind("keep", policy.maxToKeep())
        .bind("every", policy.keepEvery())
        .map(CheckpointTransaction.REF)
        .list();
  }

  /**
   * @return checkpoints that expired now
   */
  public List<CheckpointRef> expire(TrackId track, CheckpointPolicy policy) {
    return database.inTransaction(
        handle -> {
          lock(handle, track);
          List<CheckpointRef> due = due(handle, track, policy);
          markExpired(handle, due);
          release(handle, track);
          return due;
        });
  }

  /** Commits to the track, and what they refer to, wait or are seen. */
  private static void lock(Handle handle, TrackId track) {
    handle
        .createQuery("SELECT id FROM track WHERE id = :track FOR UPDATE")
        .bind("track", track.toString())
        .mapTo(String.class)
        .list();
  }

  private static void markExpired(Handle handle, List<CheckpointRef> due) {
    handle
        .createUpdate("UPDATE checkpoint SET state = 'EXPIRED' WHERE id = ANY(:ids)")
        .bindArray(
            "ids", String.class, due.stream().map(CheckpointRef::id).map(Sha256::hex).toList())
        .execute();
  }

  private static void release(Handle handle, TrackId track) {
    handle
        .createUpdate(
            """
            DELETE FROM blob_reference WHERE artifact IN (
              SELECT id FROM checkpoint WHERE track = :track AND state IN ('EXPIRED', 'CORRUPT'))
            """)
        .bind("track", track.toString())
        .execute();
  }

  /** Checkpoints that can never be read again but still hold blobs. */
  List<Sha256> unreleased() {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT DISTINCT c.id FROM checkpoint c JOIN blob_reference r ON r.artifact = c.id
                    WHERE c.state IN ('EXPIRED', 'CORRUPT')
                    """)
                .mapTo(String.class)
                .map(Sha256::new)
                .list());
  }

  /** Tracks that have checkpoints. */
  List<TrackId> tracks() {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT id FROM track WHERE head IS NOT NULL ORDER BY id")
                .mapTo(String.class)
                .map(TrackId::parse)
                .list());
  }
}
