package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.blob.BlobGoneException;
import io.dinoflow.storage.blob.BlobStore;
import io.dinoflow.storage.blob.BlobTable;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.testing.Blobs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Writers that race for tracks, collectors that never rest, a reader that trusts nobody.
 *
 * <p>Two writers a track take it from each other and never notice; some die between upload and
 * commit. What they write recurs, so that blobs are let go of, deleted and made again all the time.
 * Leases and grace are 0. One collector is the product's round; another dooms, and deletes what it
 * doomed much later or dies half way. A trial ends after so many commits, or at the first
 * violation.
 */
final class CollectorTrial {
  private static final int TRACKS = 8;
  private static final int WRITERS = 16;
  private static final int LIFE_MAX = 6;
  private static final int CONTENTS = 5;
  private static final CheckpointPolicy KEEP_TWO = new CheckpointPolicy(1, 0, 2, 0, true);
  private static final Housekeeping.Limits NO_GRACE =
      new Housekeeping.Limits(Duration.ZERO, Duration.ofDays(1), Housekeeping.Doubt.IS_OVERRULED);
  private static final Environment ENVIRONMENT =
      new Environment("none", "kernels", 1, "cpu", "none", "test");

  private final Database database;
  private final ObjectStore objects;
  private final Path folder;
  private final int commitsMax;
  private final long seed;
  private final CheckpointStore store;
  private final Housekeeping housekeeping;
  private final Collector late;
  private final List<TrackId> tracks;
  private final List<AtomicLong> newestClaims;

  /** Most attempts begin when the one before has ended; the others take the track from it. */
  private final List<Semaphore> turns;

  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final AtomicInteger commits = new AtomicInteger();
  private final AtomicInteger superseded = new AtomicInteger();
  private final AtomicInteger uploadedAgain = new AtomicInteger();
  private final AtomicLong collected = new AtomicLong();

  CollectorTrial(Database database, ObjectStore objects, Path folder, int commitsMax, long seed) {
    this.database = database;
    this.objects = objects;
    this.folder = folder;
    this.commitsMax = commitsMax;
    this.seed = seed;
    this.store = new CheckpointStore(database, new BlobStore(database, objects, 0));
    this.housekeeping = new Housekeeping(database, objects);
    this.late = new Collector(database, objects);
    RunId run = new RunId("trial");
    new LineageStore(database).openRun(run, "trial", Sha256.ofText("trial"), "{}");
    this.tracks = IntStream.range(0, TRACKS).mapToObj(i -> TrackId.of(run, "stage-" + i)).toList();
    this.turns = tracks.stream().map(track -> new Semaphore(1)).toList();
    this.newestClaims = tracks.stream().map(track -> new AtomicLong(Long.MIN_VALUE)).toList();
  }

  /** Numbers for the message of an assertion, and what was broken. */
  record Outcome(
      long seed,
      List<String> violations,
      int commits,
      int superseded,
      int uploadedAgain,
      long collected) {}

  Outcome run() throws Exception {
    ScheduledExecutorService collectors = Executors.newScheduledThreadPool(3);
    ExecutorService writers = Executors.newFixedThreadPool(WRITERS);
    try {
      LateCollector zombie = new LateCollector();
      collectors.scheduleWithFixedDelay(watched(this::houseKeep), 5, 10, TimeUnit.MILLISECONDS);
      collectors.scheduleWithFixedDelay(watched(zombie), 0, 7, TimeUnit.MILLISECONDS);
      collectors.scheduleWithFixedDelay(watched(new Reader()), 0, 3, TimeUnit.MILLISECONDS);
      List<Future<?>> working = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        working.add(writers.submit(watched(new Writer(w))));
      }
      for (Future<?> writer : working) {
        writer.get(20, TimeUnit.MINUTES);
      }
      collectors.shutdown();
      if (!collectors.awaitTermination(5, TimeUnit.MINUTES)) {
        throw new IllegalStateException("a collector hangs");
      }
      zombie.finish();
    } finally {
      collectors.shutdownNow();
      writers.shutdownNow();
    }
    everyKeptCheckpointCanBeRead();
    everyParentIsTheCheckpointBefore();
    houseKeep();
    nothingIsLeftThatNothingNames();
    return new Outcome(
        seed,
        List.copyOf(violations),
        commits.get(),
        superseded.get(),
        uploadedAgain.get(),
        collected.get());
  }

  private boolean over() {
    return commits.get() >= commitsMax || !violations.isEmpty();
  }

  private Runnable watched(Runnable work) {
    return () -> {
      try {
        work.run();
      } catch (RuntimeException e) {
        violations.add(work.getClass().getSimpleName() + ": " + e);
      }
    };
  }

  private final class Writer implements Runnable {
    private final int track;
    private final Random random;

    Writer(int number) {
      this.track = number % TRACKS;
      this.random = new Random(seed * 31 + number);
    }

    @Override
    public void run() {
      while (!over()) {
        boolean waits = random.nextInt(4) > 0;
        if (waits) {
          turns.get(track).acquireUninterruptibly();
        }
        try {
          live();
        } catch (FencedException | StaleStepException e) {
          superseded.incrementAndGet();
        } finally {
          if (waits) {
            turns.get(track).release();
          }
        }
      }
    }

    /** From a claim to the attempt's end, whichever it is. */
    private void live() {
      long before = System.nanoTime();
      Claim claim = store.claim(tracks.get(track), Thread.currentThread().getName());
      long mine = System.nanoTime();
      newestClaims.get(track).accumulateAndGet(before, Math::max);
      int life = 1 + random.nextInt(LIFE_MAX);
      for (int i = 0; i < life && !over(); i++) {
        long step = claim.head().map(CheckpointRef::step).orElse(0L) + 1;
        CheckpointDraft draft = draft(step);
        if (random.nextInt(20) == 0) {
          new BlobStore(database, objects, 0).upload(draft.files());
          return; // died between upload and commit
        }
        claim = claim.after(commit(claim, draft, mine));
      }
    }

    private CheckpointRef commit(Claim claim, CheckpointDraft draft, long mine) {
      while (true) {
        boolean lost = newestClaims.get(track).get() > mine;
        try {
          CheckpointRef made = store.commit(claim, draft);
          commits.incrementAndGet();
          if (lost) {
            violations.add("an attempt that had lost the track committed " + made);
          }
          if (random.nextInt(8) == 0 && !made.equals(store.commit(claim, draft))) {
            violations.add("the same commit twice made two checkpoints at " + made);
          }
          return made;
        } catch (BlobGoneException collectedMeanwhile) {
          uploadedAgain.incrementAndGet();
        }
      }
    }

    private CheckpointDraft draft(long step) {
      List<BlobFile> files =
          List.of(
              Blobs.text(folder, "frozen.safetensors", "frozen " + random.nextInt(CONTENTS)),
              Blobs.text(folder, "student.safetensors", "student " + track + " " + step % CONTENTS),
              Blobs.text(folder, "log.json", "log " + random.nextLong()));
      return new CheckpointDraft(step, files, List.of(), List.of(), ENVIRONMENT);
    }
  }

  private void houseKeep() {
    Housekeeping.Round round =
        housekeeping.run(track -> Optional.of(KEEP_TWO), NO_GRACE, phase -> {});
    collected.addAndGet(round.blobs().blobs());
  }

  /** Dooms, and comes back to what it doomed much later; or never. */
  private final class LateCollector implements Runnable {
    private final Random random = new Random(seed);
    private final Deque<BlobVersion> doomed = new ArrayDeque<>();

    @Override
    public void run() {
      for (BlobTable.Doomed d : late.doom(20)) {
        if (random.nextInt(3) > 0) {
          doomed.add(d.version());
        } else if (random.nextInt(4) > 0) {
          late.delete(List.of(d.version()));
        } else {
          objects.delete(d.version().key()); // died before the row went
        }
      }
      while (doomed.size() > 40) {
        late.delete(List.of(doomed.remove()));
      }
    }

    void finish() {
      late.delete(List.copyOf(doomed));
    }
  }

  private final class Reader implements Runnable {
    private final Random random = new Random(seed + 1);

    @Override
    public void run() {
      Optional<CheckpointRef> head = store.head(tracks.get(random.nextInt(TRACKS)));
      head.ifPresent(CollectorTrial.this::read);
    }
  }

  /** A checkpoint that cannot be read must at least have been given up meanwhile. */
  private void read(CheckpointRef checkpoint) {
    try {
      BlobStore blobs = new BlobStore(database, objects);
      for (FileEntry file : store.manifest(checkpoint.id()).files()) {
        blobs.verify(file);
      }
    } catch (DamagedBlobException | UnknownIdException e) {
      boolean kept =
          new LineageStore(database)
              .checkpoints(checkpoint.track()).stream()
                  .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
                  .anyMatch(row -> row.ref().equals(checkpoint));
      if (kept) {
        violations.add("%s cannot be read: %s".formatted(checkpoint, e.getMessage()));
      }
    }
  }

  private void everyKeptCheckpointCanBeRead() {
    for (TrackId track : tracks) {
      new LineageStore(database)
          .checkpoints(track).stream()
              .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
              .map(CheckpointRow::ref)
              .forEach(this::read);
    }
  }

  private void everyParentIsTheCheckpointBefore() {
    for (TrackId track : tracks) {
      Optional<Sha256> before = Optional.empty();
      for (CheckpointRow row : new LineageStore(database).checkpoints(track)) {
        if (!row.parent().equals(before)) {
          violations.add("the parent of %s is not the one before".formatted(row.ref()));
        }
        before = Optional.of(row.ref().id());
      }
    }
  }

  private void nothingIsLeftThatNothingNames() throws IOException {
    long idle =
        database.read(
            handle ->
                handle
                    .createQuery(
                        """
                        SELECT count(*) FROM blob b WHERE state <> 'LIVE'
                          OR NOT EXISTS (SELECT 1 FROM blob_reference r WHERE r.sha256 = b.sha256)
                        """)
                    .mapTo(Long.class)
                    .one());
    long rows = database.read(BlobTable::all).blobs();
    try (var entries = objects.list("cas/")) {
      long stored = entries.count();
      if (idle > 0 || stored != rows) {
        violations.add(
            "after the last round: %d rows that nothing holds, %d objects for %d rows"
                .formatted(idle, stored, rows));
      }
    }
    try (var files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }
}
