package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.blob.BlobTable.Tally;
import io.dinoflow.storage.blob.OrphanSweep;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.object.ObjectStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * One round of letting go: checkpoints that policies do not keep, blobs that nothing holds, objects
 * that no row knows, uploads that nobody finishes.
 *
 * <p>Safe beside writers, readers and another round. Each round deletes a bounded part at most and
 * refuses to begin where far less is held than the round before left held, because then something
 * other than a round has removed what holds blobs: a restored old dump, a table emptied by hand.
 */
public final class Housekeeping {
  /** Held blobs may become fewer than the last round left by this part; people delete things. */
  private static final double SHRINKAGE_MAX = 0.1;

  private static final long SHRINKAGE_BLOBS_MIN = 20;

  /** Of all blobs, deleted in one round; small stores may go at once. */
  private static final double DELETED_MAX = 0.05;

  private static final int DELETED_ALWAYS_ALLOWED = 1000;
  private static final int BATCH = 200;

  /** A share of objects without rows that points at a bucket which is not ours alone. */
  private static final double ORPHANS_MAX = 0.5;

  private static final long ORPHANS_ALWAYS_ALLOWED = 200;

  private final Database database;
  private final ObjectStore objects;
  private final Retention retention;
  private final Collector collector;
  private final OrphanSweep orphans;

  public Housekeeping(Database database, ObjectStore objects) {
    this.database = database;
    this.objects = objects;
    this.retention = new Retention(database);
    this.collector = new Collector(database, objects);
    this.orphans = new OrphanSweep(database, objects);
  }

  /**
   * How a round judges.
   *
   * @param orphanGrace age below which an object without a row is left alone
   * @param uploadGrace age below which an unfinished upload is left alone
   */
  public record Limits(Duration orphanGrace, Duration uploadGrace, Doubt doubt) {
    /** Longer than any attempt can live. */
    public static Limits standard() {
      return new Limits(Duration.ofDays(7), Duration.ofDays(1), Doubt.STOPS);
    }

    public Limits despiteDoubt() {
      return new Limits(orphanGrace, uploadGrace, Doubt.IS_OVERRULED);
    }
  }

  /** What happens where the state of the store is odd. */
  public enum Doubt {
    STOPS,
    /** A person looked and says that it is right. */
    IS_OVERRULED
  }

  /**
   * What went, or would go.
   *
   * @param expired checkpoints
   * @param blobs deleted objects that nothing held
   * @param left blobs that may go but exceed what one round deletes
   * @param orphans deleted objects that no row knew
   * @param uploads unfinished ones thrown away
   * @param held what something holds afterwards
   */
  public record Round(
      List<CheckpointRef> expired,
      Tally blobs,
      Tally left,
      Tally orphans,
      int uploads,
      Tally held) {
    public Round {
      expired = List.copyOf(expired);
    }
  }

  /** The state of the store is odd; nothing was deleted by what threw this. */
  public static final class OddStoreException extends RuntimeException {
    OddStoreException(String message) {
      super(message);
    }
  }

  /**
   * Looks at what a round would do; changes nothing.
   *
   * @param policies of tracks; a track without one keeps everything
   */
  public Round preview(Function<TrackId, Optional<CheckpointPolicy>> policies, Limits limits) {
    checkHeld(limits);
    List<CheckpointRef> due = new ArrayList<>();
    for (TrackId track : retention.tracks()) {
      policies.apply(track).ifPresent(policy -> due.addAll(retention.due(track, policy)));
    }
    List<Sha256> released = new ArrayList<>(retention.unreleased());
    due.forEach(checkpoint -> released.add(checkpoint.id()));
    Tally collectable = collector.collectable(released);
    Tally all = database.read(BlobTable::all);
    int most = deletedMax(all);
    OrphanSweep.Found found = orphans.find(before(limits.orphanGrace()));
    checkOrphans(found, limits);
    return new Round(
        due,
        collectable,
        new Tally(Math.max(0, collectable.blobs() - most), 0),
        found.tally(),
        objects.unfinishedUploads(before(limits.uploadGrace())).size(),
        new Tally(all.blobs() - collectable.blobs(), all.bytes() - collectable.bytes()));
  }

  /**
   * One round.
   *
   * @param policies of tracks; a track without one keeps everything
   * @param alive told between small steps; may throw to end the round early, which loses nothing
   * @throws OddStoreException far less is held than the last round left, or most objects have no
   *     row
   */
  public Round run(
      Function<TrackId, Optional<CheckpointPolicy>> policies,
      Limits limits,
      Consumer<String> alive) {
    checkHeld(limits);
    List<CheckpointRef> expired = new ArrayList<>();
    for (TrackId track : retention.tracks()) {
      alive.accept("retention");
      policies.apply(track).ifPresent(policy -> expired.addAll(retention.expire(track, policy)));
    }
    Tally blobs = collect(deletedMax(database.read(BlobTable::all)), alive);
    Tally left = collector.collectable(List.of());
    alive.accept("orphans");
    OrphanSweep.Found found = orphans.find(before(limits.orphanGrace()));
    checkOrphans(found, limits);
    Tally swept = orphans.delete(found, deletedMax(new Tally(found.seen(), 0)));
    List<ObjectStore.Upload> uploads = objects.unfinishedUploads(before(limits.uploadGrace()));
    uploads.forEach(objects::abort);
    Tally held = database.read(BlobTable::referenced);
    Round round = new Round(expired, blobs, left, swept, uploads.size(), held);
    record(round);
    return round;
  }

  private Tally collect(int most, Consumer<String> alive) {
    long blobs = 0;
    long bytes = 0;
    while (blobs < most) {
      alive.accept("blobs");
      Tally batch = collector.collect((int) Math.min(BATCH, most - blobs));
      blobs += batch.blobs();
      bytes += batch.bytes();
      if (batch.blobs() == 0) {
        break;
      }
    }
    return new Tally(blobs, bytes);
  }

  private static int deletedMax(Tally all) {
    return (int)
        Math.min(
            Integer.MAX_VALUE,
            Math.max(DELETED_ALWAYS_ALLOWED, Math.round(all.blobs() * DELETED_MAX)));
  }

  private void checkHeld(Limits limits) {
    Optional<Long> left =
        database.read(
            handle ->
                handle
                    .createQuery("SELECT referenced_blobs FROM collection ORDER BY id DESC LIMIT 1")
                    .mapTo(Long.class)
                    .findOne());
    long now = database.read(BlobTable::referenced).blobs();
    if (limits.doubt() == Doubt.STOPS
        && left.isPresent()
        && left.get() - now > SHRINKAGE_BLOBS_MIN
        && now < left.get() * (1 - SHRINKAGE_MAX)) {
      throw new OddStoreException(
          "the last round left %d blobs that something held, now it is %d: something other than a round removed what held them"
              .formatted(left.get(), now));
    }
  }

  private static void checkOrphans(OrphanSweep.Found found, Limits limits) {
    long count = found.orphans().size();
    if (limits.doubt() == Doubt.STOPS
        && count > ORPHANS_ALWAYS_ALLOWED
        && count > found.seen() * ORPHANS_MAX) {
      throw new OddStoreException(
          "%d of %d objects have no row: does another database use this bucket?"
              .formatted(count, found.seen()));
    }
  }

  /** By the clock of PostgreSQL: a worker's may be wrong by years. */
  private Instant before(Duration grace) {
    return database
        .read(
            handle ->
                handle.createQuery("SELECT now()").mapTo(java.time.OffsetDateTime.class).one())
        .toInstant()
        .minus(grace);
  }

  private void record(Round round) {
    database.inTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO collection (expired, blobs, bytes, orphans, uploads,
                                            referenced_blobs, referenced_bytes)
                    VALUES (:expired, :blobs, :bytes, :orphans, :uploads, :held, :heldBytes)
                    """)
                .bind("expired", round.expired().size())
                .bind("blobs", round.blobs().blobs())
                .bind("bytes", round.blobs().bytes())
                .bind("orphans", round.orphans().blobs())
                .bind("uploads", round.uploads())
                .bind("held", round.held().blobs())
                .bind("heldBytes", round.held().bytes())
                .execute());
  }
}
