package io.dinoflow.storage.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.blob.BlobStore;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.StageResult;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.InMemoryObjectStore;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.storage.testing.TestServers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HousekeepingIT {
  private static final Function<TrackId, Optional<CheckpointPolicy>> KEEP_ONE =
      track -> Optional.of(new CheckpointPolicy(1, 0, 1, 0, true));
  private static final Housekeeping.Limits NO_GRACE =
      new Housekeeping.Limits(Duration.ZERO, Duration.ZERO, Housekeeping.Doubt.STOPS);
  private static final RunId RUN = new RunId("run");

  @TempDir Path folder;
  private Database database;
  private InMemoryObjectStore objects;
  private CheckpointStore store;
  private LineageStore lineage;
  private Housekeeping housekeeping;

  @BeforeEach
  void openRun() {
    database = TestServers.database();
    objects = new InMemoryObjectStore();
    store = new CheckpointStore(database, new BlobStore(database, objects, 0));
    lineage = new LineageStore(database);
    lineage.openRun(RUN, "demo", Sha256.ofText("recipe"), "{}");
    housekeeping = new Housekeeping(database, objects);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void saysBeforehandWhatItThenDoes() {
    chain(TrackId.of(RUN, "pretrain"), 5);
    Housekeeping.Round before = housekeeping.preview(KEEP_ONE, NO_GRACE);
    long stored = stored();

    assertThat(stored).as("a preview changes nothing").isEqualTo(10);
    assertThat(before.expired()).extracting(CheckpointRef::step).containsExactly(1L, 2L, 3L, 4L);
    assertThat(housekeeping.run(KEEP_ONE, NO_GRACE, phase -> {})).isEqualTo(before);
    assertThat(stored()).isEqualTo(stored - before.blobs().blobs()).isEqualTo(2);
  }

  @Test
  void keepsWhatAnythingWasMadeFromOrMeasuredOn() {
    TrackId pretrain = TrackId.of(RUN, "pretrain");
    List<CheckpointRef> made = chain(pretrain, 6);
    TrackId gram = TrackId.of(RUN, "gram");
    Claim claim = store.claim(gram, "gram");
    claim =
        claim.after(
            store.commit(claim, draft(1, "gram 1", EdgeKind.GRAM_TEACHER, made.get(1).id(), 0.9)));
    claim = claim.after(store.commit(claim, draft(2, "gram 2", 0.1)));
    store.commit(claim, draft(3, "gram 3", 0.1));
    lineage.beginStage(RUN, "pretrain", 0, "train", Optional.empty());
    lineage.finishStage(
        RUN, "pretrain", new StageResult("{}", List.of(made.get(3).id()), Optional.empty()));
    Claim fork = store.claim(TrackId.of(RUN, "fork"), "fork");
    store.commit(fork, draft(9, "fork", EdgeKind.PARENT, made.get(0).id(), 0));

    housekeeping.run(KEEP_ONE, NO_GRACE, phase -> {});

    assertThat(kept(pretrain))
        .as("the fork's parent, the Gram teacher, the stage's result, the head")
        .containsExactly(1L, 2L, 4L, 6L);
    assertThat(kept(gram)).as("the best probe and the head").containsExactly(1L, 3L);
    assertThatThrownBy(() -> store.manifest(made.get(2).id()))
        .isInstanceOf(UnknownIdException.class)
        .hasMessageContaining("has expired");
    assertThat(
            lineage
                .ancestry(
                    made.get(5).id(), io.dinoflow.storage.lineage.Ancestry.Direction.UP, 100, 100)
                .nodes())
        .as("lineage reaches through what has expired")
        .hasSize(6);
  }

  @Test
  void sweepsObjectsWithoutARowOnceTheyAreOldEnough() {
    chain(TrackId.of(RUN, "pretrain"), 1);
    objects.putIfAbsent(new BlobVersion(Sha256.ofText("zombie"), 77).key(), "late".getBytes(UTF_8));
    objects.putIfAbsent("cas/not-ours", "somebody else's".getBytes(UTF_8));

    Housekeeping.Round young =
        housekeeping.run(KEEP_ONE, Housekeeping.Limits.standard(), phase -> {});
    assertThat(young.orphans().blobs()).isZero();
    assertThat(housekeeping.preview(KEEP_ONE, NO_GRACE).orphans().bytes()).isEqualTo(4);
    assertThat(housekeeping.run(KEEP_ONE, NO_GRACE, phase -> {}).orphans().blobs()).isEqualTo(1);

    assertThat(objects.size("cas/not-ours")).isPresent();
    assertThat(stored()).isEqualTo(3);
  }

  @Test
  void sweepsWhatAKilledServerLeftOfAnUploadOnceItIsOldEnough() {
    chain(TrackId.of(RUN, "pretrain"), 1);
    String half =
        new BlobVersion(Sha256.ofText("half"), 401).key() + "-0054bf31-a6bf-4032-a088-fd01f6d3ef82";
    objects.putIfAbsent(half, "ha".getBytes(UTF_8));

    housekeeping.run(KEEP_ONE, Housekeeping.Limits.standard(), phase -> {});
    assertThat(objects.size(half)).as("it may be under way").isPresent();

    Housekeeping.Round round = housekeeping.run(KEEP_ONE, NO_GRACE, phase -> {});
    assertThat(round.orphans().blobs()).isEqualTo(1);
    assertThat(round.orphans().bytes()).isEqualTo(2);
    assertThat(objects.size(half)).isEmpty();
  }

  @Test
  void stopsWhereFarLessIsHeldThanTheLastRoundLeft() {
    chain(TrackId.of(RUN, "pretrain"), 30);
    Function<TrackId, Optional<CheckpointPolicy>> everything = track -> Optional.empty();
    housekeeping.run(everything, NO_GRACE, phase -> {});
    database.inTransaction(handle -> handle.execute("DELETE FROM blob_reference"));
    long stored = stored();

    assertThatThrownBy(() -> housekeeping.run(everything, NO_GRACE, phase -> {}))
        .isInstanceOf(Housekeeping.OddStoreException.class)
        .hasMessageContaining("left 60 blobs")
        .hasMessageContaining("now it is 0");
    assertThat(stored()).isEqualTo(stored);
    assertThat(housekeeping.run(everything, NO_GRACE.despiteDoubt(), phase -> {}).blobs().blobs())
        .isEqualTo(60);
  }

  @Test
  void stopsInABucketThatAnotherDatabaseUses() {
    chain(TrackId.of(RUN, "pretrain"), 1);
    for (int i = 0; i < 300; i++) {
      objects.putIfAbsent(
          new BlobVersion(Sha256.ofText("other " + i), i).key(), "other".getBytes(UTF_8));
    }

    assertThatThrownBy(() -> housekeeping.run(KEEP_ONE, NO_GRACE, phase -> {}))
        .isInstanceOf(Housekeeping.OddStoreException.class)
        .hasMessageContaining("does another database use this bucket?");
    assertThat(stored()).isEqualTo(302);
  }

  @Test
  void deletesNoMoreThanItsPartInOneRound() {
    database.inTransaction(
        handle ->
            handle.execute(
                """
                INSERT INTO blob (sha256, bytes, state, lease_until)
                SELECT encode(sha256(('x' || i)::bytea), 'hex'), 1, 'PENDING', now() - interval '1 s'
                FROM generate_series(1, 1500) i
                """));

    assertThat(housekeeping.preview(KEEP_ONE, NO_GRACE).left().blobs()).isEqualTo(500);
    Housekeeping.Round first = housekeeping.run(KEEP_ONE, NO_GRACE, phase -> {});
    assertThat(first.blobs().blobs()).isEqualTo(1000);
    assertThat(first.left().blobs()).isEqualTo(500);
    assertThat(housekeeping.run(KEEP_ONE, NO_GRACE, phase -> {}).left().blobs()).isZero();
  }

  @Test
  void aScrubFindsDamageBeforeSomebodyNeedsTheBytes() {
    TrackId track = TrackId.of(RUN, "pretrain");
    List<CheckpointRef> made = chain(track, 3);
    Scrub scrub = new Scrub(database, objects);
    assertThat(scrub.run(Long.MAX_VALUE, file -> {}).damaged()).isEmpty();
    assertThat(verified()).as("everything was read").isEqualTo(6);
    damage("teacher pretrain 2");

    Scrub.Round round = scrub.run(Long.MAX_VALUE, file -> {});

    assertThat(round.damaged())
        .extracting(finding -> finding.file().sha256())
        .containsExactly(Sha256.ofText("teacher pretrain 2"));
    assertThat(lineage.checkpoints(track))
        .extracting(CheckpointRow::state)
        .containsExactly(
            CheckpointRow.State.COMMITTED,
            CheckpointRow.State.CORRUPT,
            CheckpointRow.State.COMMITTED);
    assertThat(scrub.verify(made.get(1).id(), file -> {}))
        .filteredOn(finding -> finding.wrong().isPresent())
        .hasSize(1);
  }

  @Test
  void aScrubReadsHeadsAlwaysAndOfTheRestWhatWasNotReadForLongest() {
    chain(TrackId.of(RUN, "pretrain"), 4);
    Scrub scrub = new Scrub(database, objects);

    assertThat(scrub.run(1, file -> {}).blobs()).as("the head's two and one other").isEqualTo(3);
    assertThat(scrub.run(1, file -> {}).blobs()).isEqualTo(3);
    assertThat(verified()).as("another one than before").isEqualTo(4);
  }

  @Test
  void aHeadThatAScrubFoundDamagedIsLeftToItsOwner() {
    TrackId track = TrackId.of(RUN, "pretrain");
    List<CheckpointRef> made = chain(track, 2);
    Claim owner = store.claim(track, "owner");
    damage("teacher pretrain 2");
    new Scrub(database, objects).run(Long.MAX_VALUE, file -> {});

    assertThat(store.head(track)).as("it may train on from memory").contains(made.get(1));
    Claim next = owner.after(store.commit(owner, draft(3, "teacher on", 0)));
    assertThat(store.head(track)).isEqualTo(next.head());
    assertThatThrownBy(() -> store.fetch(made.get(1).id(), name -> true, folder.resolve("x")))
        .isInstanceOf(DamagedBlobException.class);
  }

  private List<CheckpointRef> chain(TrackId track, int steps) {
    Claim claim = store.claim(track, "owner");
    List<CheckpointRef> made = new java.util.ArrayList<>();
    for (int step = 1; step <= steps; step++) {
      CheckpointRef ref =
          store.commit(claim, draft(step, "teacher " + track.stage() + " " + step, step));
      made.add(ref);
      claim = claim.after(ref);
    }
    return made;
  }

  private CheckpointDraft draft(long step, String text, double probe) {
    return new CheckpointDraft(
        step,
        List.of(Blobs.text(folder, "teacher.safetensors", text)),
        List.of(),
        List.of(Metric.of("probe.patches", probe)),
        new Environment("none", "kernels", 1, "cpu", "none", "test"));
  }

  private CheckpointDraft draft(long step, String text, EdgeKind kind, Sha256 to, double probe) {
    CheckpointDraft plain = draft(step, text, probe);
    return new CheckpointDraft(
        step, plain.files(), List.of(EdgeDraft.of(kind, to)), plain.metrics(), plain.environment());
  }

  private List<Long> kept(TrackId track) {
    return lineage.checkpoints(track).stream()
        .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
        .map(row -> row.ref().step())
        .toList();
  }

  private long verified() {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT count(*) FROM blob WHERE verified_at IS NOT NULL")
                .mapTo(Long.class)
                .one());
  }

  private void damage(String text) {
    Sha256 sha = Sha256.ofText(text);
    String key =
        objects
            .list("cas/")
            .map(io.dinoflow.storage.object.ObjectStore.Entry::key)
            .filter(name -> name.contains(sha.hex()))
            .findFirst()
            .orElseThrow();
    objects.delete(key);
    objects.putIfAbsent(key, "rotten".getBytes(UTF_8));
  }

  private long stored() {
    return objects.list("cas/").count();
  }
}
