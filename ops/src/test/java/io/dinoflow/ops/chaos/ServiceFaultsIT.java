package io.dinoflow.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.dinoflow.migrations.Migrations;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.blob.BlobStore;
import io.dinoflow.storage.checkpoint.Audit;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.checkpoint.FencedException;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.object.S3ObjectStore;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.storage.testing.TestServers;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Rows of the fault matrix that happen between a worker and its stores, each on real servers with a
 * misbehaving proxy between. "The worker" is what speaks through the proxies.
 */
class ServiceFaultsIT {
  private static final Environment ENVIRONMENT =
      new Environment("PyTorch 2.7.1", "kernels", 2, "cpu", "avx2", "0.1.0");
  private static final Duration LONGEST = Duration.ofMinutes(2);
  private static final String TEXT = "a tensor ".repeat(20_000);

  private static TestServers.Address address;
  private static TestServers.Bucket bucket;
  private static Database database;
  private static S3ObjectStore objects;
  private static int runs;

  @TempDir Path folder;
  private TcpProxy toDatabase;
  private HttpProxy toObjects;
  private Database workersDatabase;
  private S3ObjectStore workersObjects;
  private CheckpointStore worker;
  private CheckpointStore other;
  private TrackId track;

  @BeforeAll
  static void servers() {
    address = TestServers.emptyDatabase();
    database = address.open();
    Migrations.apply(database.dataSource());
    bucket = TestServers.bucket();
    objects = bucket.connect();
  }

  @AfterAll
  static void closeServers() throws Exception {
    objects.close();
    database.close();
  }

  @BeforeEach
  void proxies() throws Exception {
    URI postgres = URI.create(address.url().replaceFirst("^jdbc:", ""));
    toDatabase = new TcpProxy("database", () -> Optional.of(at(postgres)));
    toObjects = new HttpProxy("objects", () -> Optional.of(at(bucket.endpoint())));
    toDatabase.start();
    toObjects.start();
    workersDatabase =
        Database.open(
            "jdbc:postgresql://127.0.0.1:%d%s".formatted(toDatabase.port(), postgres.getPath()),
            address.user(),
            address.password(),
            4);
    workersObjects =
        S3ObjectStore.connect(
            URI.create("http://127.0.0.1:" + toObjects.port()),
            bucket.name(),
            bucket.accessKey(),
            bucket.secretKey());
    worker = new CheckpointStore(workersDatabase, workersObjects);
    other = new CheckpointStore(database, objects);
    RunId run = new RunId("fault-" + runs++);
    track = TrackId.of(run, "pretrain");
    new LineageStore(database).openRun(run, "chaos", Sha256.ofText("recipe"), "{}");
  }

  @AfterEach
  void closeProxies() throws Exception {
    workersDatabase.close();
    workersObjects.close();
    toDatabase.close();
    toObjects.close();
    assertThat(new Audit(database, objects).chains()).isEmpty();
    assertThat(new Audit(database, objects).lineage()).isEmpty();
    assertThat(new Audit(database, objects).damages()).isEmpty();
  }

  private static InetSocketAddress at(URI uri) {
    return new InetSocketAddress(uri.getHost(), uri.getPort());
  }

  /** Row 2. */
  @Test
  void aWorkerThatDiesInTheMiddleOfAnUploadLeavesNothingVisible() throws Exception {
    Claim claim = worker.claim(track, "dies");
    CheckpointDraft draft = draft(1);
    toObjects.hold();
    CompletableFuture<CheckpointRef> dying =
        CompletableFuture.supplyAsync(() -> worker.commit(claim, draft));
    await().atMost(LONGEST).until(() -> isPending(draft));
    toObjects.close();
    assertThatThrownBy(() -> dying.get(3, TimeUnit.MINUTES))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(StoreUnavailableException.class);

    assertThat(committed()).isEmpty();
    assertThat(isPending(draft)).isTrue();

    CheckpointRef made = other.commit(other.claim(track, "next"), draft);
    assertThat(committed()).extracting(CheckpointRow::ref).containsExactly(made);
  }

  /** Row 3. */
  @Test
  void aWorkerThatDiesBetweenUploadAndCommitLeavesTheHeadAndObjectsToReuse() throws Exception {
    CheckpointDraft draft = draft(1);
    worker.claim(track, "dies");
    new BlobStore(workersDatabase, workersObjects).upload(draft.files());
    List<String> uploaded = keys();

    assertThat(other.head(track)).isEmpty();

    other.commit(other.claim(track, "next"), draft);
    assertThat(keys()).containsAll(uploaded).hasSize(uploaded.size() + 1);
  }

  /** Row 4. */
  @Test
  void aCommitWhoseAnswerIsLostIsOneCheckpoint() throws Exception {
    Claim claim = worker.claim(track, "deaf");
    toDatabase.loseAnswer("INSERT INTO checkpoint", "COMMIT\0");

    CheckpointRef made = worker.commit(claim, draft(1));

    assertThat(toDatabase.isWaiting()).as("an answer was lost").isFalse();
    assertThat(committed()).extracting(CheckpointRow::ref).containsExactly(made);
    assertThat(other.head(track)).contains(made);
  }

  /** Row 8, without any heartbeat: the fence alone. */
  @Test
  void aWorkerThatWasCutOffAndReplacedCommitsNothingWhenItIsBack() throws Exception {
    Claim zombie = worker.claim(track, "zombie");
    CheckpointDraft draft = draft(5);
    toObjects.hold();
    CompletableFuture<CheckpointRef> late =
        CompletableFuture.supplyAsync(() -> worker.commit(zombie, draft));
    await().atMost(LONGEST).until(() -> isPending(draft));
    CheckpointRef replaced = other.commit(other.claim(track, "replacement"), draft(3));

    toObjects.heal();

    assertThatThrownBy(() -> late.get(3, TimeUnit.MINUTES))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(FencedException.class);
    assertThat(committed()).extracting(CheckpointRow::ref).containsExactly(replaced);
  }

  /** Row 11. */
  @Test
  void aLockedTrackIsWaitedForAndNotForEver() throws Exception {
    Claim claim = worker.claim(track, "waits");
    CountDownLatch locked = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    CompletableFuture<Void> holder = CompletableFuture.runAsync(() -> lockTrack(locked, enough));
    locked.await();
    CompletableFuture<CheckpointRef> waiting =
        CompletableFuture.supplyAsync(() -> worker.commit(claim, draft(1)));
    await().atMost(LONGEST).until(() -> waitingForLocks() > 0);
    enough.countDown();
    holder.get(3, TimeUnit.MINUTES);

    assertThat(waiting.get(3, TimeUnit.MINUTES).step()).isOne();
    assertThat(show("lock_timeout")).isEqualTo("5s");
    assertThat(show("statement_timeout")).isEqualTo("30s");
  }

  /** Row 10, as the pool sees it: connections that were good are dead. */
  @Test
  void connectionsThatBreakAreMadeAnewWithoutLosingACommit() throws Exception {
    Claim claim = worker.claim(track, "cut off");
    for (int step = 1; step <= 5; step++) {
      toDatabase.cut();
      claim = claim.after(worker.commit(claim, draft(step)));
    }
    assertThat(committed()).hasSize(5);
  }

  /** Row 12. */
  @Test
  void aBusyObjectStoreIsAskedAgain() throws Exception {
    Claim claim = worker.claim(track, "patient");
    toObjects.refuse(3);

    CheckpointRef made = worker.commit(claim, draft(1));

    assertThat(toObjects.pending()).isZero();
    toObjects.refuse(3);
    assertThat(worker.fetch(made.id(), name -> true, folder.resolve("read"))).hasSize(2);
  }

  /** Row 13. */
  @Test
  void aSlowObjectStoreOnlyTakesLonger() throws Exception {
    toObjects.delay(30);

    CheckpointRef made = worker.commit(worker.claim(track, "slow"), draft(1));

    assertThat(worker.fetch(made.id(), name -> true, folder.resolve("read"))).hasSize(2);
  }

  /** Row 14. */
  @Test
  void aReadThatEndsHalfWayIsReadAgainAndNeverTakenForDamage() throws Exception {
    CheckpointRef made = worker.commit(worker.claim(track, "reader"), draft(1));
    toObjects.truncate(2);
    assertThat(worker.fetch(made.id(), name -> true, folder.resolve("read"))).hasSize(2);
    assertThat(toObjects.pending()).isZero();

    toObjects.truncate(1_000);
    assertThatThrownBy(() -> worker.fetch(made.id(), name -> true, folder.resolve("again")))
        .isInstanceOf(StoreUnavailableException.class);
    toObjects.forget();
    assertThat(committed()).extracting(CheckpointRow::ref).containsExactly(made);
  }

  /**
   * Row 15, on the wire; on disk it is {@code
   * fallsBackFromADamagedHeadAndCommitsTheSameStateAgain}.
   */
  @Test
  void aByteThatIsTurnedOverOnTheWayIsNoticedAndReadAgain() throws Exception {
    CheckpointRef made = worker.commit(worker.claim(track, "reader"), draft(1));
    toObjects.flip(1);

    Map<String, Path> read = worker.fetch(made.id(), name -> true, folder.resolve("read"));

    assertThat(toObjects.pending()).isZero();
    assertThat(read.get("student.safetensors")).hasContent(TEXT + track + 1);
    assertThat(committed()).extracting(CheckpointRow::ref).containsExactly(made);
  }

  private CheckpointDraft draft(long step) {
    return new CheckpointDraft(
        step,
        List.of(
            Blobs.text(folder, "student.safetensors", TEXT + track + step),
            Blobs.text(folder, "metrics.jsonl", track + " " + step)),
        List.of(),
        List.of(),
        List.of(),
        ENVIRONMENT,
        Map.of());
  }

  private List<CheckpointRow> committed() {
    return new LineageStore(database)
        .checkpoints(track).stream()
            .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
            .toList();
  }

  private static List<String> keys() {
    try (Stream<ObjectStore.Entry> entries = objects.list("cas/")) {
      return entries.map(ObjectStore.Entry::key).toList();
    }
  }

  private static boolean isPending(CheckpointDraft draft) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT count(*) > 0 FROM blob WHERE state = 'PENDING' AND sha256 = :sha")
                .bind("sha", draft.files().get(0).sha256().hex())
                .mapTo(Boolean.class)
                .one());
  }

  private static long waitingForLocks() {
    return count("SELECT count(*) FROM pg_locks WHERE NOT granted");
  }

  private static long count(String sql) {
    return database.read(handle -> handle.createQuery(sql).mapTo(Long.class).one());
  }

  private String show(String setting) {
    return workersDatabase.read(
        handle -> handle.createQuery("SHOW " + setting).mapTo(String.class).one());
  }

  private void lockTrack(CountDownLatch locked, CountDownLatch enough) {
    database.inTransaction(
        handle -> {
          handle
              .createQuery("SELECT id FROM track WHERE id = :id FOR UPDATE")
              .bind("id", track.toString())
              .mapTo(String.class)
              .one();
          locked.countDown();
          try {
            return enough.await(3, TimeUnit.MINUTES);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
