package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.artifact.ArtifactRows;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.lineage.SeriesPoint;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.PreparedBatch;

/**
 * The one transaction that makes checkpoints real.
 *
 * <p>Order of locks: tracks by name, then blobs by digest; the collector takes blobs only.
 */
final class CheckpointTransaction {
  static final RowMapper<CheckpointRef> REF =
      (row, context) ->
          new CheckpointRef(
              new Sha256(row.getString("id")),
              TrackId.parse(row.getString("track")),
              row.getLong("step"),
              new Sha256(row.getString("state_digest")));

  private record Locked(long fence, Optional<Sha256> head, long headStep) {}

  private final Handle handle;

  CheckpointTransaction(Handle handle) {
    this.handle = handle;
  }

  /** Commits all or throws; what an earlier try committed already is left as it is. */
  List<CheckpointRef> commit(List<PreparedCommit> commits) {
    List<PreparedCommit> byTrack =
        commits.stream().sorted(Comparator.comparing(PreparedCommit::track)).toList();
    List<PreparedCommit> news = byTrack.stream().filter(this::isNew).toList();
    BlobTable.lock(handle, news.stream().flatMap(commit -> commit.uploaded().stream()).toList());
    news.forEach(this::insert);
    return commits.stream().map(PreparedCommit::ref).toList();
  }

  /** Locks the track and compares; false where the answer to an earlier commit was lost. */
  private boolean isNew(PreparedCommit commit) {
    Locked track = lock(commit.track());
    Claim claim = commit.claim();
    if (track.fence() != claim.fence()) {
      throw new FencedException(
          "claim %d of track %s is superseded by %d: another attempt owns it, stop"
              .formatted(claim.fence(), claim.track(), track.fence()));
    }
    if (isCommitted(commit.id())) {
      return false;
    }
    if (commit.draft().step() <= track.headStep()) {
      throw new StaleStepException(
          "step %d of track %s is not above its head's step %d"
              .formatted(commit.draft().step(), claim.track(), track.headStep()));
    }
    Optional<Sha256> trainedFrom = claim.head().map(CheckpointRef::id);
    if (!track.head().equals(trainedFrom)) {
      throw new FencedException(
          "track %s stands at %s, but this state was trained from %s (Claim.after names the holder's own commit)"
              .formatted(claim.track(), named(track.head()), named(trainedFrom)));
    }
    return true;
  }

  private static String named(Optional<Sha256> head) {
    return head.map(Sha256::shortForm).orElse("its beginning");
  }

  private Locked lock(String track) {
    return handle
        .createQuery(
            """
            SELECT t.fence, t.head, coalesce(c.step, -1) AS head_step
            FROM track t LEFT JOIN checkpoint c ON c.id = t.head
            WHERE t.id = :track
            FOR UPDATE OF t
            """)
        .bind("track", track)
        .map(
            (row, context) ->
                new Locked(
                    row.getLong("fence"),
                    Optional.ofNullable(row.getString("head")).map(Sha256::new),
                    row.getLong("head_step")))
        .findOne()
        .orElseThrow(() -> new FencedException("track %s was never claimed".formatted(track)));
  }

  private boolean isCommitted(Sha256 id) {
    return handle
            .createQuery("SELECT count(*) FROM checkpoint WHERE id = :id AND state = 'COMMITTED'")
            .bind("id", id.hex())
            .mapTo(Long.class)
            .one()
        > 0;
  }

  private void insert(PreparedCommit commit) {
    Sha256 id = commit.id();
    TrackId track = commit.claim().track();
    ArtifactRows.insert(
        handle,
        id,
        ArtifactKind.CHECKPOINT,
        track + "@" + commit.draft().step(),
        Optional.of(new ArtifactDraft.MadeBy(track.run(), track.stage())),
        commit.draft().facts());
    ArtifactRows.insertFiles(handle, id, commit.manifest().files());
    ArtifactRows.insertEdges(handle, id, commit.manifest().edges());
    ArtifactRows.insertMetrics(handle, id, commit.draft().metrics());
    handle
        .createUpdate(
            """
            INSERT INTO checkpoint (id, track, step, fence, parent, state_digest, bytes)
            VALUES (:id, :track, :step, :fence, :parent, :digest, :bytes)
            """)
        .bind("id", id.hex())
        .bind("track", commit.track())
        .bind("step", commit.draft().step())
        .bind("fence", commit.claim().fence())
        .bind("parent", commit.manifest().parent().map(Sha256::hex))
        .bind("digest", commit.manifest().stateDigest().hex())
        .bind("bytes", commit.bytes())
        .execute();
    insertSeries(commit.track(), commit.draft().series());
    BlobTable.hold(handle, id, commit.uploaded());
    int moved =
        handle
            .createUpdate(
                "UPDATE track SET head = :id, updated_at = now() WHERE id = :track AND fence = :fence")
            .bind("id", id.hex())
            .bind("track", commit.track())
            .bind("fence", commit.claim().fence())
            .execute();
    if (moved != 1) {
      throw new IllegalStateException(
          "track %s moved while it was locked".formatted(commit.track()));
    }
  }

  private void insertSeries(String track, List<SeriesPoint> series) {
    if (series.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch(
            """
            INSERT INTO step_metric (track, step, name, value) VALUES (:track, :step, :name, :value)
            ON CONFLICT (track, step, name) DO UPDATE SET value = excluded.value
            """);
    for (SeriesPoint point : series) {
      batch
          .bind("track", track)
          .bind("step", point.step())
          .bind("name", point.name())
          .bind("value", point.value())
          .add();
    }
    batch.execute();
  }
}
