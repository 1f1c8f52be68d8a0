package io.dinoflow.storage.backup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.checkpoint.Collector;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.checkpoint.Retention;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.object.InMemoryObjectStore;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.storage.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupIT {
  private static final RunId RUN = new RunId("run");
  private static final TrackId TRACK = TrackId.of(RUN, "pretrain");

  @TempDir Path folder;
  @TempDir Path files;
  private final List<Database> opened = new ArrayList<>();
  private final InMemoryObjectStore objects = new InMemoryObjectStore();
  private Database database;
  private CheckpointStore store;
  private Claim claim;

  @BeforeEach
  void fewCheckpoints() {
    database = database();
    store = new CheckpointStore(database, objects);
    new LineageStore(database)
        .openRun(RUN, "demo", Sha256.ofText("recipe"), "{\"text\":\"a\\tb\"}");
    claim = store.claim(TRACK, "owner");
    for (int step = 1; step <= 4; step++) {
      claim = claim.after(commit(step));
    }
  }

  @AfterEach
  void close() {
    opened.forEach(Database::close);
  }

  @Test
  void everythingComesBackAndRunsGoOnFromThere() throws Exception {
    new Retention(database).expire(TRACK, new CheckpointPolicy(1, 0, 2, 0, true));
    BackupIndex made = new Backup(database, objects).into(folder, line -> {});
    assertThat(made.damaged()).isEmpty();
    assertThat(made.objects()).hasSize(2 * 2);

    Database other = database();
    InMemoryObjectStore bucket = new InMemoryObjectStore();
    Restore.Restored restored = new Restore(other, bucket).from(folder, line -> {});

    assertThat(restored.readBack().damaged()).isEmpty();
    assertThat(restored.readBack().blobs()).isEqualTo(4);
    LineageStore before = new LineageStore(database);
    LineageStore after = new LineageStore(other);
    assertThat(after.checkpoints(TRACK)).isEqualTo(before.checkpoints(TRACK)).hasSize(4);
    assertThat(after.run(RUN)).isEqualTo(before.run(RUN));
    assertThat(after.events(RUN)).isEqualTo(before.events(RUN));
    assertThat(after.series(TRACK)).isEqualTo(before.series(TRACK)).hasSize(4);
    CheckpointStore there = new CheckpointStore(other, bucket);
    assertThat(there.fetch(claim.head().orElseThrow().id(), name -> true, files.resolve("back")))
        .containsKey("teacher.safetensors");
    Claim next = there.claim(TRACK, "next");
    assertThat(next.fence())
        .as("no attempt of before can commit here")
        .isGreaterThan(claim.fence());
    assertThat(there.commit(next, draft(5)).step()).isEqualTo(5);
    after.record(RUN, "", "note", "sequences go on");
    assertThat(after.events(RUN)).hasSize(before.events(RUN).size() + 1);
    assertThatThrownBy(
            () ->
                other.inTransaction(
                    handle ->
                        handle.execute(
                            "INSERT INTO edge (from_id, from_seq, kind, to_id, to_seq)"
                                + " VALUES ('a', -1, 'PARENT', 'b', -2)")))
        .as("the keys between tables are back")
        .hasMessageContaining("violates foreign key constraint");
  }

  @Test
  void aBackupFromBeforeArtifactsHadNumbersIsNumbered() throws Exception {
    BackupIndex made = new Backup(database, objects).into(folder, line -> {});
    List<BackupIndex.TableCopy> tables = new ArrayList<>();
    for (BackupIndex.TableCopy table : made.tables()) {
      tables.add(without(table, Set.of("seq", "from_seq", "to_seq")));
    }
    new BackupIndex(
            made.format(),
            made.at(),
            "006",
            tables,
            made.sequences().stream()
                .filter(sequence -> !sequence.name().startsWith("artifact"))
                .toList(),
            made.objects(),
            made.damaged())
        .write(folder);

    Database other = database();
    new Restore(other, new InMemoryObjectStore()).from(folder, line -> {});

    Sha256 head =
        new CheckpointStore(database, objects).claim(TRACK, "reader").head().orElseThrow().id();
    Ancestry walk = new LineageStore(other).ancestry(head, Ancestry.Direction.UP, 10, 10);
    assertThat(walk.nodes()).hasSizeGreaterThan(1);
    assertThat(walk)
        .isEqualTo(new LineageStore(database).ancestry(head, Ancestry.Direction.UP, 10, 10));
  }

  private BackupIndex.TableCopy without(BackupIndex.TableCopy table, Set<String> left)
      throws Exception {
    List<Integer> kept =
        IntStream.range(0, table.columns().size())
            .filter(i -> !left.contains(table.columns().get(i)))
            .boxed()
            .toList();
    Path file = table.file(folder);
    List<String> rows = new ArrayList<>();
    for (String row : Files.readAllLines(file)) {
      String[] cells = row.split("\t", -1);
      rows.add(kept.stream().map(i -> cells[i]).collect(Collectors.joining("\t")));
    }
    Files.write(file, rows);
    return new BackupIndex.TableCopy(
        table.name(),
        kept.stream().map(table.columns()::get).toList(),
        table.rows(),
        Sha256.of(Files.readAllBytes(file)));
  }

  @Test
  void whatTheRowsNameIsCopiedThoughACollectorRunsMeanwhile() throws Exception {
    Collector collector = new Collector(database, objects);
    List<Long> collected = new ArrayList<>();
    endLeases();
    BackupIndex made =
        new Backup(database, objects)
            .into(
                folder,
                line -> {
                  new Retention(database).expire(TRACK, new CheckpointPolicy(1, 0, 1, 0, true));
                  collected.add(collector.collect(100).blobs());
                });

    assertThat(collected).as("the collector came by").isNotEmpty().containsOnly(0L);
    assertThat(made.damaged()).isEmpty();
    assertThat(made.objects()).hasSize(8);
    assertThat(collector.collect(100).blobs()).as("and does its work afterwards").isEqualTo(6);
  }

  @Test
  void aBackupIsBroughtUpToDateAndMayBeRestoredAgainAfterABreak() throws Exception {
    new Backup(database, objects).into(folder, line -> {});
    commit(5);
    BackupIndex second = new Backup(database, objects).into(folder, line -> {});
    assertThat(second.objects()).hasSize(10);

    Database other = database();
    InMemoryObjectStore bucket = new InMemoryObjectStore();
    BackupIndex.ObjectCopy first = second.objects().get(0);
    bucket.putIfAbsent(
        "cas/%s/%s.%d".formatted(first.sha256().hex().substring(0, 2), first.sha256(), first.gen()),
        first.file(folder));
    assertThat(new Restore(other, bucket).from(folder, line -> {}).readBack().blobs())
        .isEqualTo(10);
  }

  @Test
  void refusesADatabaseOrABucketThatIsNotEmpty() throws Exception {
    new Backup(database, objects).into(folder, line -> {});
    assertThatThrownBy(
            () -> new Restore(database, new InMemoryObjectStore()).from(folder, line -> {}))
        .isInstanceOf(BackupIndex.NoBackupException.class)
        .hasMessageContaining("run, artifact, blob");
    InMemoryObjectStore full = new InMemoryObjectStore();
    full.putIfAbsent("cas/aa/other", "x".getBytes(UTF_8));
    assertThatThrownBy(() -> new Restore(database(), full).from(folder, line -> {}))
        .isInstanceOf(BackupIndex.NoBackupException.class)
        .hasMessageContaining("cas/aa/other");
  }

  @Test
  void refusesABackupWithAFileThatIsNotWhatWasWritten() throws Exception {
    BackupIndex made = new Backup(database, objects).into(folder, line -> {});
    Path object = made.objects().get(3).file(folder);
    byte[] bytes = Files.readAllBytes(object);
    bytes[0] ^= 1;
    Files.write(object, bytes);
    Database other = database();

    assertThatThrownBy(() -> new Restore(other, new InMemoryObjectStore()).from(folder, line -> {}))
        .isInstanceOf(BackupIndex.NoBackupException.class)
        .hasMessageContaining("is damaged");
    assertThat(new LineageStore(other).runs(10)).isEmpty();
    assertThatThrownBy(() -> new Restore(other, new InMemoryObjectStore()).from(files, line -> {}))
        .isInstanceOf(BackupIndex.NoBackupException.class)
        .hasMessageContaining("no finished backup");
  }

  @Test
  void saysWhichBytesItCouldNotCopy() throws Exception {
    Sha256 lost = Sha256.ofText("teacher 2");
    String key =
        objects
            .list("cas/")
            .map(ObjectStore.Entry::key)
            .filter(name -> name.contains(lost.hex()))
            .findFirst()
            .orElseThrow();
    objects.delete(key);

    BackupIndex made = new Backup(database, objects).into(folder, line -> {});

    assertThat(made.damaged()).singleElement().asString().contains(lost.hex());
    Restore.Restored restored =
        new Restore(database(), new InMemoryObjectStore()).from(folder, line -> {});
    assertThat(restored.readBack().damaged()).hasSize(1);
  }

  private CheckpointRef commit(long step) {
    Claim now = step == 1 ? claim : store.claim(TRACK, "owner");
    return store.commit(now, draft(step));
  }

  private CheckpointDraft draft(long step) {
    return new CheckpointDraft(
        step,
        List.of(Blobs.text(files, "teacher.safetensors", "teacher " + step)),
        List.of(),
        List.of(Metric.of("probe.x", step)),
        List.of(new SeriesPoint(step, "total_loss", 1.0 / step)),
        new Environment("none", "kernels", 1, "cpu", "none", "test"),
        Map.of());
  }

  private Database database() {
    Database made = TestServers.database();
    opened.add(made);
    return made;
  }

  private void endLeases() {
    database.inTransaction(
        handle -> handle.execute("UPDATE blob SET lease_until = now() - interval '1 second'"));
  }
}
