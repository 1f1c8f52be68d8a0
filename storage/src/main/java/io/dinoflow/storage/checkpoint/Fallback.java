package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.blob.DamagedBlobException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The transaction that takes damaged checkpoints out of every track.
 *
 * <p>The claimant's fence rises with it: what is trained anew from the ancestor is the same content
 * as what was lost, and must not get the id of the corrupt checkpoint. Where somebody else fell
 * back already and the blob was uploaded anew meanwhile, the news is old: nothing is marked.
 */
final class Fallback {
  private final Handle handle;

  Fallback(Handle handle) {
    this.handle = handle;
  }

  Claim run(Claim claim, DamagedBlobException damage) {
    Sha256 damaged = damage.file().sha256();
    List<String> tracks = lockTracksNaming(damaged, claim.track().toString());
    long fence = raiseFence(claim);
    if (BlobTable.markDamaged(handle, damage)) {
      markCorrupt(damaged);
      tracks.forEach(this::moveHeadToNewestGoodAncestor);
    }
    return new Claim(claim.track(), fence, head(claim.track().toString()));
  }

  private void markCorrupt(Sha256 damaged) {
    handle
        .createUpdate(
            """
            UPDATE checkpoint SET state = 'CORRUPT'
            WHERE state = 'COMMITTED'
              AND (id = :sha OR id IN (SELECT artifact FROM artifact_file WHERE sha256 = :sha))
            """)
        .bind("sha", damaged.hex())
        .execute();
  }

  private List<String> lockTracksNaming(Sha256 damaged, String own) {
    return handle
        .createQuery(
            """
            SELECT id FROM track
            WHERE id = :own OR id IN (
              SELECT track FROM checkpoint
              WHERE id = :sha OR id IN (SELECT artifact FROM artifact_file WHERE sha256 = :sha))
            ORDER BY id FOR UPDATE
            """)
        .bind("own", own)
        .bind("sha", damaged.hex())
        .mapTo(String.class)
        .list();
  }

  private long raiseFence(Claim claim) {
    return handle
        .createQuery(
            """
            UPDATE track SET fence = fence + 1, updated_at = now()
            WHERE id = :track AND fence = :fence RETURNING fence
            """)
        .bind("track", claim.track().toString())
        .bind("fence", claim.fence())
        .mapTo(Long.class)
        .findOne()
        .orElseThrow(
            () ->
                new FencedException(
                    "claim %d of track %s is superseded: another attempt owns it, stop"
                        .formatted(claim.fence(), claim.track())));
  }

  private void moveHeadToNewestGoodAncestor(String track) {
    handle
        .createUpdate(
            """
            WITH RECURSIVE chain (id, parent, state, distance) AS (
              SELECT c.id, c.parent, c.state, 0
              FROM track t JOIN checkpoint c ON c.id = t.head WHERE t.id = :track
              UNION ALL
              SELECT c.id, c.parent, c.state, chain.distance + 1
              FROM chain JOIN checkpoint c ON c.id = chain.parent
              WHERE chain.state <> 'COMMITTED')
            UPDATE track
            SET head = (SELECT id FROM chain WHERE state = 'COMMITTED' ORDER BY distance LIMIT 1),
                updated_at = now()
            WHERE id = :track AND head IS NOT NULL
            """)
        .bind("track", track)
        .execute();
    handle
        .createUpdate(
            """
            DELETE FROM step_metric
            WHERE track = :track AND step > coalesce(
              (SELECT c.step FROM track t JOIN checkpoint c ON c.id = t.head WHERE t.id = :track), -1)
            """)
        .bind("track", track)
        .execute();
  }

  private Optional<CheckpointRef> head(String track) {
    return handle
        .createQuery(
            """
            SELECT c.id, c.track, c.step, c.state_digest
            FROM track t JOIN checkpoint c ON c.id = t.head WHERE t.id = :track
            """)
        .bind("track", track)
        .map(CheckpointTransaction.REF)
        .findOne();
  }
}
