package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.ObjectStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * The only way a training state becomes real.
 *
 * <p>A row in PostgreSQL is the commit; objects are immutable blobs it points at. Safety rests on
 * row locks and the comparison of fence and parent in one transaction, never on a clock, a
 * heartbeat or a list of objects. Every method is safe to repeat and may be called from any thread.
 */
public final class CheckpointStore {
  private final Database database;
  private final ObjectStore objects;

  public CheckpointStore(Database database, ObjectStore objects) {
    this.database = database;
    this.objects = objects;
  }

  /**
   * Takes the track: every earlier claim is dead from now on. Makes the track at its first claim.
   *
   * @param owner who asks, for people; such as workflow run and attempt
   * @throws FencedException the run is closed or was never opened
   */
  public Claim claim(TrackId track, String owner) {
    throw pending();
  }

  /** The checkpoint a track goes on from; empty before its first. */
  public Optional<CheckpointRef> head(TrackId track) {
    throw pending();
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
    throw pending();
  }

  /**
   * The checkpoint whose id begins with {@code idOrUniquePrefix}.
   *
   * @throws io.dinoflow.storage.lineage.UnknownIdException none does
   * @throws io.dinoflow.storage.lineage.AmbiguousIdException several do
   */
  public CheckpointRef find(String idOrUniquePrefix) {
    throw pending();
  }

  /** The checkpoint's manifest, verified against its id. */
  public Manifest manifest(Sha256 id) {
    throw pending();
  }

  /**
   * Copies the named parts into {@code folder}, verifying size and digest while streaming. A file
   * that lies there already with the right digest is kept.
   *
   * @return local files by part name
   * @throws io.dinoflow.storage.blob.DamagedBlobException a stored part is missing or wrong; call
   *     {@link #fallBack}
   * @throws IOException the local disk failed
   */
  public Map<String, Path> fetch(Sha256 id, Predicate<String> partNames, Path folder)
      throws IOException {
    throw pending();
  }

  /**
   * After a damaged blob: marks it, marks every checkpoint that names it CORRUPT, and moves the
   * heads of their tracks to the newest good ancestor. One transaction under the claim's fence.
   *
   * @return the same right with the head to go on from; empty where no good ancestor is left
   * @throws FencedException another claim was made
   */
  public Claim fallBack(Claim claim, io.dinoflow.storage.blob.DamagedBlobException damage) {
    throw pending();
  }

  /** Keeps a checkpoint whatever retention says; for what a person named. */
  public void pin(Sha256 id) {
    throw pending();
  }

  private IllegalStateException pending() {
    return new IllegalStateException("lands with the tables: " + database + objects);
  }
}
