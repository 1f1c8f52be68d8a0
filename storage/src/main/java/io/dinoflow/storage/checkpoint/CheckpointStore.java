package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.artifact.CanonicalJson;
import io.dinoflow.storage.blob.BlobGoneException;
import io.dinoflow.storage.blob.BlobStore;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.lineage.IdPrefix;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;

/**
 * The only way a training state becomes real.
 *
 * <p>A row in PostgreSQL is the commit; objects are immutable blobs it points at. Safety rests on
 * row locks and the comparison of fence and parent in one transaction, never on a clock, a
 * heartbeat or a list of objects. Every method is safe to repeat and may be called from any thread.
 */
public final class CheckpointStore {
  private static final int COMMIT_ATTEMPTS = 3;

  private final Database database;
  private final BlobStore blobs;

  public CheckpointStore(Database database, ObjectStore objects) {
    this(database, new BlobStore(database, objects));
  }

  /** With a blob store of another lease; for tests of the collector. */
  CheckpointStore(Database database, BlobStore blobs) {
    this.database = database;
    this.blobs = blobs;
  }

  /**
   * Takes the track: every earlier claim is dead from now on. Makes the track at its first claim.
   *
   * @param owner who asks, for people; such as workflow run and attempt
   * @throws FencedException the run is closed or was never opened
   */
  public Claim claim(TrackId track, String owner) {
    return database.inTransaction(handle -> claim(handle, track, owner));
  }

  private static Claim claim(Handle handle, TrackId track, String owner) {
    RunState run =
        handle
            .createQuery("SELECT state FROM run WHERE id = :run FOR SHARE")
            .bind("run", track.run().value())
            .mapTo(String.class)
            .findOne()
            .map(RunState::ofWord)
            .orElseThrow(
                () -> new FencedException("run %s was never opened".formatted(track.run())));
    if (run.isClosed()) {
      throw new FencedException(
          "run %s is %s: open it again before training on".formatted(track.run(), run.word()));
    }
    long fence =
        handle
            .createQuery(
                """
                INSERT INTO track AS t (id, run, stage, student, fence, owner)
                VALUES (:id, :run, :stage, :student, 1, :owner)
                ON CONFLICT (id) DO UPDATE
                  SET fence = t.fence + 1, owner = excluded.owner, updated_at = now()
                RETURNING fence
                """)
            .bind("id", track.toString())
            .bind("run", track.run().value())
            .bind("stage", track.stage())
            .bind("student", track.student().orElse(""))
            .bind("owner", owner)
            .mapTo(Long.class)
            .one();
    return new Claim(track, fence, head(handle, track));
  }

  /** The checkpoint a track goes on from; empty before its first. */
  public Optional<CheckpointRef> head(TrackId track) {
    return database.read(handle -> head(handle, track));
  }

  private static Optional<CheckpointRef> head(Handle handle, TrackId track) {
    return handle
        .createQuery(
            """
            SELECT c.id, c.track, c.step, c.state_digest
            FROM track t JOIN checkpoint c ON c.id = t.head WHERE t.id = :track
            """)
        .bind("track", track.toString())
        .map(CheckpointTransaction.REF)
        .findOne();
  }

  /**
   * Makes a checkpoint real: uploads what is not there yet, then commits in one transaction. Repeat
   * it with the same arguments after a lost answer and the same reference comes back.
   *
   * <p>The next commit needs {@link Claim#after}.
   *
   * @throws FencedException another claim was made; stop
   * @throws StaleStepException the step is not above the head's
   * @throws CommitUnknownException whether it was committed cannot be found out now
   */
  public CheckpointRef commit(Claim claim, CheckpointDraft draft) {
    return commitTogether(List.of(claim), List.of(draft)).get(0);
  }

  /**
   * Like {@link #commit} for the tracks of a group: all of them in one transaction or none.
   *
   * @param drafts one for each claim, in the same order
   */
  public List<CheckpointRef> commitTogether(List<Claim> claims, List<CheckpointDraft> drafts) {
    if (claims.size() != drafts.size()) {
      throw new IllegalArgumentException(
          "%d claims for %d drafts: one each, in the same order"
              .formatted(claims.size(), drafts.size()));
    }
    List<PreparedCommit> commits = new ArrayList<>();
    for (int i = 0; i < claims.size(); i++) {
      commits.add(PreparedCommit.of(claims.get(i), drafts.get(i)));
    }
    return CommitMeters.measured(() -> commitPrepared(commits));
  }

  private List<CheckpointRef> commitPrepared(List<PreparedCommit> commits) {
    for (int attempt = 1; ; attempt++) {
      try {
        List<PreparedCommit> uploaded = commits.stream().map(this::uploaded).toList();
        return commitUploaded(uploaded);
      } catch (BlobGoneException e) {
        if (attempt == COMMIT_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private PreparedCommit uploaded(PreparedCommit commit) {
    Set<Sha256> seen = new HashSet<>();
    List<BlobFile> distinct =
        commit.draft().files().stream().filter(file -> seen.add(file.sha256())).toList();
    List<BlobVersion> versions = blobs.upload(distinct);
    versions.add(blobs.upload(BlobStore.MANIFEST_NAME, commit.json()));
    return commit.withUploaded(versions);
  }

  private List<CheckpointRef> commitUploaded(List<PreparedCommit> commits) {
    try {
      return database.inTransaction(handle -> new CheckpointTransaction(handle).commit(commits));
    } catch (DatabaseUnavailableException e) {
      throw new CommitUnknownException(
          "whether step %d of track %s was committed is not known: %s"
              .formatted(commits.get(0).draft().step(), commits.get(0).track(), e.getMessage()),
          e);
    }
  }

  /**
   * The checkpoint whose id begins with {@code idOrUniquePrefix}.
   *
   * @throws io.dinoflow.storage.lineage.UnknownIdException none does
   * @throws io.dinoflow.storage.lineage.AmbiguousIdException several do
   */
  public CheckpointRef find(String idOrUniquePrefix) {
    return database.read(
        handle -> {
          Sha256 id = IdPrefix.resolve(handle, "checkpoint", idOrUniquePrefix);
          return handle
              .createQuery("SELECT id, track, step, state_digest FROM checkpoint WHERE id = :id")
              .bind("id", id.hex())
              .map(CheckpointTransaction.REF)
              .one();
        });
  }

  /**
   * The checkpoint's manifest, verified against its id.
   *
   * @throws UnknownIdException no such checkpoint, or its bytes were let go
   * @throws DamagedBlobException the stored manifest is missing or wrong
   */
  public Manifest manifest(Sha256 id) {
    String state =
        database
            .read(
                handle ->
                    handle
                        .createQuery("SELECT state FROM checkpoint WHERE id = :id")
                        .bind("id", id.hex())
                        .mapTo(String.class)
                        .findOne())
            .orElseThrow(() -> new UnknownIdException("no checkpoint has the id " + id));
    if (state.equals("EXPIRED")) {
      throw new UnknownIdException(
          "checkpoint %s has expired: its bytes were let go, only its lineage is kept"
              .formatted(id.shortForm()));
    }
    return CanonicalJson.read(blobs.manifest(id), Manifest.class);
  }

  /**
   * Copies the named parts into {@code folder}, verifying size and digest while streaming. A file
   * that lies there already with the right digest is kept.
   *
   * @return local files by part name
   * @throws DamagedBlobException a stored part is missing or wrong; call {@link #fallBack}
   * @throws IOException the local disk failed
   */
  public Map<String, Path> fetch(Sha256 id, Predicate<String> partNames, Path folder)
      throws IOException {
    Files.createDirectories(folder);
    Map<String, Path> local = new TreeMap<>();
    for (FileEntry file : manifest(id).files()) {
      if (partNames.test(file.name())) {
        Path target = folder.resolve(file.name());
        blobs.fetch(file, target);
        local.put(file.name(), target);
      }
    }
    return local;
  }

  /**
   * After a damaged blob: marks it, marks every checkpoint that names it CORRUPT, and moves the
   * heads of their tracks to the newest good ancestor. One transaction under the claim's fence.
   *
   * @return the same right with the head to go on from; empty where no good ancestor is left
   * @throws FencedException another claim was made
   */
  public Claim fallBack(Claim claim, DamagedBlobException damage) {
    return database.inTransaction(handle -> new Fallback(handle).run(claim, damage));
  }

  /** Keeps a checkpoint whatever retention says; for what a person named. */
  public void pin(Sha256 id) {
    int pinned =
        database.inTransaction(
            handle ->
                handle
                    .createUpdate("UPDATE checkpoint SET pinned = true WHERE id = :id")
                    .bind("id", id.hex())
                    .execute());
    if (pinned == 0) {
      throw new UnknownIdException("no checkpoint has the id " + id);
    }
  }
}
