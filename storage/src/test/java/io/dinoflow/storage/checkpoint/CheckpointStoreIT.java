package io.dinoflow.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.InMemoryObjectStore;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.object.S3ObjectStore;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.storage.testing.ForwardingStore;
import io.dinoflow.storage.testing.TestServers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointStoreIT {
  private static final Environment ENVIRONMENT =
      new Environment("PyTorch 2.7.1", "kernels", 2, "cpu", "avx2", "0.1.0");
  private static Database database;
  private static TestServers.Bucket bucket;
  private static S3ObjectStore objects;
  private static int runs;

  @TempDir Path folder;
  private CheckpointStore store;
  private LineageStore lineage;
  private RunId run;
  private TrackId track;

  @BeforeAll
  static void servers() {
    database = TestServers.database();
    bucket = TestServers.bucket();
    objects = bucket.connect();
  }

  @AfterAll
  static void close() throws IOException {
    objects.close();
    database.close();
  }

  @BeforeEach
  void openRun() {
    store = new CheckpointStore(database, objects);
    lineage = new LineageStore(database);
    run = new RunId("run-" + runs++);
    track = TrackId.of(run, "pretrain");
    lineage.openRun(run, "demo", Sha256.ofText("recipe"), "{}");
  }

  @Test
  void givesBackWhatWasCommitted() throws Exception {
    Claim claim = store.claim(track, "first");
    assertThat(claim.head()).isEmpty();
    CheckpointRef committed = store.commit(claim, draft(10, "weights"));
    assertThat(store.head(track)).contains(committed);
    assertThat(store.find(committed.id().hex().substring(0, 12))).isEqualTo(committed);
    Map<String, Path> parts =
        store.fetch(
            committed.id(), name -> name.endsWith(".safetensors"), folder.resolve("fetched"));
    assertThat(parts).containsOnlyKeys("teacher.safetensors", "student.safetensors");
    assertThat(parts.get("teacher.safetensors")).hasContent("teacher weights");
  }

  @Test
  void recordsTheChainWithItsParents() {
    Claim claim = store.claim(track, "first");
    CheckpointRef first = store.commit(claim, draft(10, "a"));
    CheckpointRef second = store.commit(claim.after(first), draft(20, "b"));
    assertThat(store.manifest(second.id()).parent()).contains(first.id());
    List<CheckpointRow> rows = lineage.checkpoints(track);
    assertThat(rows).extracting(row -> row.ref().step()).containsExactly(10L, 20L);
    assertThat(rows).extracting(CheckpointRow::head).containsExactly(false, true);
    assertThat(rows.get(1).parent()).contains(first.id());
  }

  @Test
  void refusesTheCommitOfAnOwnerWhoLostTheTrack() {
    Claim zombie = store.claim(track, "zombie");
    Claim owner = store.claim(track, "owner");
    assertThatThrownBy(() -> store.commit(zombie, draft(10, "late")))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("superseded");
    CheckpointRef committed = store.commit(owner, draft(5, "true"));
    assertThat(store.head(track)).contains(committed);
  }

  @Test
  void refusesAStateThatWasNotTrainedFromTheHead() {
    Claim claim = store.claim(track, "owner");
    store.commit(claim, draft(10, "a"));
    assertThatThrownBy(() -> store.commit(claim, draft(20, "trained from the beginning")))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("trained from its beginning");
  }

  @Test
  void refusesAStepThatIsNotAboveTheHead() {
    Claim claim = store.claim(track, "owner");
    CheckpointRef first = store.commit(claim, draft(10, "a"));
    assertThatThrownBy(() -> store.commit(claim.after(first), draft(10, "b")))
        .isInstanceOf(StaleStepException.class)
        .hasMessageContaining("10");
  }

  @Test
  void answersARepeatedCommitWithTheSameCheckpoint() {
    Claim claim = store.claim(track, "owner");
    CheckpointDraft draft = draft(10, "a");
    assertThat(store.commit(claim, draft)).isEqualTo(store.commit(claim, draft));
    assertThat(lineage.checkpoints(track)).hasSize(1);
  }

  @Test
  void closesTheTracksOfAClosedRun() {
    Claim claim = store.claim(track, "owner");
    lineage.closeRun(run, RunState.CANCELLED, "asked to");
    assertThatThrownBy(() -> store.commit(claim, draft(10, "late")))
        .isInstanceOf(FencedException.class);
    assertThatThrownBy(() -> store.claim(track, "next"))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("cancelled");
    lineage.setRunState(run, RunState.RUNNING, "");
    assertThat(store.claim(track, "next").head()).isEmpty();
  }

  @Test
  void refusesATrackOfARunThatWasNeverOpened() {
    assertThatThrownBy(() -> store.claim(TrackId.of(new RunId("nobody"), "pretrain"), "x"))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("never opened");
  }

  @Test
  void storesEqualFilesOnce() {
    Claim claim = store.claim(track, "owner");
    CheckpointRef first = store.commit(claim, draft(10, "frozen and unchanged"));
    long before = count();
    store.commit(claim.after(first), draft(20, "frozen and unchanged"));
    assertThat(count() - before).as("only the manifest is new").isEqualTo(1);
  }

  @Test
  void sendsWhatDidNotChangeOnce() {
    CountingStore counting = new CountingStore();
    CheckpointStore counted = new CheckpointStore(database, counting);
    Claim claim = counted.claim(track, "owner");
    List<BlobFile> frozen =
        List.of(
            Blobs.text(folder, "student.safetensors", "frozen " + run),
            Blobs.text(folder, "heads.safetensors", "frozen heads " + run));
    for (long step = 10; step <= 30; step += 10) {
      List<BlobFile> files = new ArrayList<>(frozen);
      files.add(Blobs.text(folder, "metrics.jsonl", step + " " + run));
      CheckpointDraft draft = new CheckpointDraft(step, files, List.of(), List.of(), ENVIRONMENT);
      claim = claim.after(counted.commit(claim, draft));
    }
    assertThat(counting.files).as("two frozen parts once, three logs").isEqualTo(5);
    assertThat(counting.manifests).isEqualTo(3);
  }

  /** Counts what is sent, also what would have been there already. */
  private static final class CountingStore extends ForwardingStore {
    private int files;
    private int manifests;

    CountingStore() {
      super(new InMemoryObjectStore());
    }

    @Override
    public Put putIfAbsent(String key, Path file) {
      files++;
      return super.putIfAbsent(key, file);
    }

    @Override
    public Put putIfAbsent(String key, byte[] bytes) {
      manifests++;
      return super.putIfAbsent(key, bytes);
    }
  }

  @Test
  void givesEqualStateOneDigestWhateverItsHistory() {
    TrackId other = TrackId.of(run, "twin");
    CheckpointRef one = store.commit(store.claim(track, "a"), draft(10, "same"));
    Claim twice = store.claim(other, "b");
    CheckpointRef two =
        store.commit(twice.after(store.commit(twice, draft(5, "half way"))), draft(10, "same"));
    assertThat(two.stateDigest()).isEqualTo(one.stateDigest());
    assertThat(two.id()).isNotEqualTo(one.id());
  }

  @Test
  void fallsBackFromADamagedHeadAndCommitsTheSameStateAgain() throws Exception {
    Claim claim = store.claim(track, "owner");
    CheckpointRef good = store.commit(claim, draft(10, "good " + run));
    claim = claim.after(good);
    CheckpointRef head = store.commit(claim, draft(20, "to be damaged " + run));
    flipAByteOf("teacher to be damaged " + run);

    Claim next = store.claim(track, "next");
    DamagedBlobException damage = damageOf(head);
    assertThat(damage.file().name()).isEqualTo("teacher.safetensors");
    Claim fallenBack = store.fallBack(next, damage);
    assertThat(fallenBack.head()).contains(good);
    assertThat(lineage.checkpoints(track))
        .extracting(CheckpointRow::state)
        .containsExactly(CheckpointRow.State.COMMITTED, CheckpointRow.State.CORRUPT);
    assertThat(lineage.series(track)).extracting(SeriesPoint::step).containsExactly(10L);

    CheckpointRef again = store.commit(fallenBack, draft(20, "to be damaged " + run));
    assertThat(again.stateDigest()).isEqualTo(head.stateDigest());
    assertThat(store.fetch(again.id(), name -> true, folder.resolve("again")))
        .containsKey("teacher.safetensors");
  }

  @Test
  void fallsBackFromAnObjectDeletedByHandToTheBeginningWhenNothingElseIsLeft() throws Exception {
    Claim claim = store.claim(track, "owner");
    CheckpointRef head = store.commit(claim, draft(10, "only one " + run));
    Files.delete(objectFile("teacher only one " + run));
    DamagedBlobException damage = damageOf(head);
    assertThat(damage).hasMessageContaining("no object");
    assertThat(store.fallBack(store.claim(track, "next"), damage).head()).isEmpty();
    assertThat(store.head(track)).isEmpty();
  }

  @Test
  void marksADamagedManifestToo() throws Exception {
    CheckpointRef head = store.commit(store.claim(track, "owner"), draft(10, "m " + run));
    flipAByte(objectFile(head.id()));
    DamagedBlobException damage = damageOf(head);
    assertThat(store.fallBack(store.claim(track, "next"), damage).head()).isEmpty();
  }

  @Test
  void letsNoZombieMoveTheHeadByFallingBack() throws Exception {
    Claim zombie = store.claim(track, "zombie");
    CheckpointRef head = store.commit(zombie, draft(10, "z " + run));
    Claim owner = store.claim(track, "owner");
    flipAByteOf("teacher z " + run);
    DamagedBlobException damage = damageOf(head);
    assertThatThrownBy(() -> store.fallBack(zombie, damage)).isInstanceOf(FencedException.class);
    assertThat(store.head(track)).contains(head);
    assertThat(store.fallBack(owner, damage).head()).isEmpty();
  }

  @Test
  void letsOldNewsOfDamageHarmNothingThatWasMadeAnewSince() throws Exception {
    TrackId other = TrackId.of(run, "other");
    CheckpointRef mine = store.commit(store.claim(track, "a"), draft(10, "shared " + run));
    store.commit(store.claim(other, "b"), draft(10, "shared " + run));
    flipAByteOf("teacher shared " + run);
    DamagedBlobException damage = damageOf(mine);
    Claim mended = store.fallBack(store.claim(track, "a2"), damage);
    CheckpointRef again = store.commit(mended, draft(10, "shared " + run));

    assertThat(store.fallBack(store.claim(other, "b2"), damage).head()).isEmpty();
    assertThat(store.head(track)).contains(again);
    assertThat(store.fetch(again.id(), name -> true, folder.resolve("good")))
        .containsKey("teacher.safetensors");
  }

  @Test
  void commitsAGroupOfStudentsTogetherOrNotAtAll() {
    TrackId vit = TrackId.ofStudent(run, "distill", "vit");
    TrackId convnext = TrackId.ofStudent(run, "distill", "convnext");
    List<Claim> claims = List.of(store.claim(vit, "group"), store.claim(convnext, "group"));
    List<CheckpointRef> both =
        store.commitTogether(claims, List.of(draft(10, "vit"), draft(10, "convnext")));
    assertThat(both).extracting(CheckpointRef::track).containsExactly(vit, convnext);

    List<Claim> next = List.of(claims.get(0).after(both.get(0)), claims.get(1).after(both.get(1)));
    store.claim(convnext, "somebody else");
    assertThatThrownBy(
            () -> store.commitTogether(next, List.of(draft(20, "vit2"), draft(20, "convnext2"))))
        .isInstanceOf(FencedException.class);
    assertThat(store.head(vit)).contains(both.get(0));
    assertThat(store.head(convnext)).contains(both.get(1));
  }

  @Test
  void keepsWhatThePolicyNamesAndLetsGoOfTheRest() throws Exception {
    Claim claim = store.claim(track, "owner");
    for (int step = 10; step <= 60; step += 10) {
      claim = claim.after(store.commit(claim, draft(step, "step " + step + " of " + run)));
    }
    endLeases();
    new Collector(database, objects).collect(1000); // what refused commits of other tests uploaded
    CheckpointRef pinned = lineage.checkpoints(track).get(0).ref();
    store.pin(pinned.id());
    CheckpointPolicy policy = new CheckpointPolicy(10, 0, 2, 30, true);
    assertThat(new Retention(database).due(track, policy)).hasSize(2);
    assertThat(new Retention(database).expire(track, policy))
        .extracting(CheckpointRef::step)
        .containsExactly(20L, 40L);
    assertThat(lineage.checkpoints(track))
        .filteredOn(row -> row.state() == CheckpointRow.State.EXPIRED)
        .extracting(row -> row.ref().step())
        .containsExactly(20L, 40L);
    endLeases();
    assertThat(new Collector(database, objects).collect(1000).blobs()).isEqualTo(2 * 4);
    for (CheckpointRow row : lineage.checkpoints(track)) {
      if (row.state() == CheckpointRow.State.COMMITTED) {
        store.fetch(row.ref().id(), name -> true, folder.resolve("kept" + row.ref().step()));
      } else {
        assertThatThrownBy(() -> store.manifest(row.ref().id()))
            .isInstanceOf(UnknownIdException.class)
            .hasMessageContaining("expired");
      }
    }
    assertThat(store.claim(track, "on").head()).isEqualTo(claim.head());
  }

  @Test
  void refusesAFileThatChangedAfterItWasHashed() throws Exception {
    BlobFile file = Blobs.text(folder, "teacher.safetensors", "before " + run);
    Files.writeString(file.file(), "afterw " + run);
    Claim claim = store.claim(track, "owner");
    CheckpointDraft draft =
        new CheckpointDraft(1, List.of(file), List.of(), List.of(), ENVIRONMENT);
    assertThatThrownBy(() -> store.commit(claim, draft))
        .hasMessageContaining("changed after it was hashed");
    assertThat(store.head(track)).isEmpty();
  }

  private CheckpointDraft draft(long step, String text) {
    return new CheckpointDraft(
        step,
        List.of(
            Blobs.text(folder, "student.safetensors", "student " + text),
            Blobs.text(folder, "teacher.safetensors", "teacher " + text),
            Blobs.text(folder, "metrics.jsonl", "metrics " + text)),
        List.of(),
        List.of(Metric.of("probe.cls", 0.5)),
        List.of(new SeriesPoint(step, "total_loss", 1.0 / step)),
        ENVIRONMENT,
        Map.of());
  }

  private DamagedBlobException damageOf(CheckpointRef ref) throws IOException {
    try {
      store.fetch(ref.id(), name -> true, Files.createTempDirectory(folder, "fetch"));
    } catch (DamagedBlobException e) {
      return e;
    }
    throw new AssertionError("nothing is damaged");
  }

  private void flipAByteOf(String text) throws IOException {
    flipAByte(objectFile(text));
  }

  private static void flipAByte(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[3] ^= 1;
    Files.write(file, bytes);
  }

  private Path objectFile(String text) {
    return objectFile(Sha256.ofText(text));
  }

  private Path objectFile(Sha256 sha256) {
    try (Stream<ObjectStore.Entry> entries = objects.list("cas/" + sha256.hex().substring(0, 2))) {
      String key =
          entries
              .map(ObjectStore.Entry::key)
              .filter(name -> name.contains(sha256.hex()))
              .findFirst()
              .orElseThrow();
      return bucket.folder().resolve(key);
    }
  }

  private static long count() {
    try (Stream<ObjectStore.Entry> entries = objects.list("cas/")) {
      return entries.count();
    }
  }

  private static void endLeases() {
    database.inTransaction(
        handle -> handle.execute("UPDATE blob SET lease_until = now() - interval '1 second'"));
  }

  @Test
  void saysWhatIsWrongWithAnId() {
    assertThatThrownBy(() -> store.find("feedfacefeedface"))
        .isInstanceOf(UnknownIdException.class)
        .hasMessageContaining("feedface");
    assertThatThrownBy(() -> store.find("not hex")).isInstanceOf(UnknownIdException.class);
  }
}
