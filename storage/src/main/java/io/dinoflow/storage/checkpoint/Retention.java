package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.jdbc.Database;
import java.util.List;
import org.jdbi.v3.core.Handle;

/**
 * Lets go of checkpoints that a policy does not keep.
 *
 * <p>Kept are the head, the last {@code max_to_keep}, multiples of {@code keep_every}, pinned ones,
 * and every one that something other than its own successor was made from. An expired checkpoint
 * keeps its row and edges for ever, so lineage is never cut; only its hold on blobs ends, which the
 * {@link Collector} then deletes. Safe to repeat.
 */
public final class Retention {
  private final Database database;

  public Retention(Database database) {
    this.database = database;
  }

  /**
   * @return checkpoints that expired now
   */
  public int expire(TrackId track, CheckpointPolicy policy) {
    if (policy.maxToKeep() == 0) {
      return 0;
    }
    return database.inTransaction(handle -> expire(handle, track.toString(), policy));
  }

  private static int expire(Handle handle, String track, CheckpointPolicy policy) {
    handle
        .createQuery("SELECT id FROM track WHERE id = :track FOR UPDATE")
        .bind("track", track)
        .mapTo(String.class)
        .list();
    List<String> expired =
        handle
            .createQuery(
                """
                UPDATE checkpoint c SET state = 'EXPIRED'
                WHERE c.id IN (
                    SELECT k.id FROM checkpoint k
                    WHERE k.track = :track AND k.state = 'COMMITTED'
                    ORDER BY k.step DESC OFFSET :keep)
                  AND NOT c.pinned
                  AND (:every = 0 OR c.step % greatest(:every, 1) <> 0)
                  AND NOT EXISTS (SELECT 1 FROM track t WHERE t.head = c.id)
                  AND NOT EXISTS (SELECT 1 FROM edge e WHERE e.to_id = c.id AND e.kind <> 'PARENT')
                RETURNING c.id
                """)
            .bind("track", track)
            .bind("keep", policy.maxToKeep())
            .bind("every", policy.keepEvery())
            .mapTo(String.class)
            .list();
    handle
        .createUpdate(
            """
            DELETE FROM blob_reference WHERE artifact IN (
              SELECT id FROM checkpoint WHERE track = :track AND state IN ('EXPIRED', 'CORRUPT'))
            """)
        .bind("track", track)
        .execute();
    return expired.size();
  }
}
