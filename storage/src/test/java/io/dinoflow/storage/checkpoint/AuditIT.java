package io.dinoflow.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.object.S3ObjectStore;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.storage.testing.TestServers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An audit that finds nothing proves something only if it finds what is wrong. */
class AuditIT {
  private static final Environment ENVIRONMENT =
      new Environment("PyTorch 2.7.1", "kernels", 2, "cpu", "avx2", "0.1.0");
  private static final TrackId TRACK = TrackId.of(new RunId("audited"), "pretrain");

  @TempDir Path folder;
  private Database database;
  private TestServers.Bucket bucket;
  private S3ObjectStore objects;
  private Audit audit;
  private CheckpointRef first;
  private CheckpointRef second;

  @BeforeEach
  void twoCheckpoints() {
    database = TestServers.database();
    bucket = TestServers.bucket();
    objects = bucket.connect();
    audit = new Audit(database, objects);
    new LineageStore(database).openRun(TRACK.run(), "demo", Sha256.ofText("recipe"), "{}");
    CheckpointStore store = new CheckpointStore(database, objects);
    Claim claim = store.claim(TRACK, "owner");
    first = store.commit(claim, draft(1));
    second = store.commit(claim.after(first), draft(2));
  }

  @AfterEach
  void close() throws Exception {
    objects.close();
    database.close();
  }

  private CheckpointDraft draft(long step) {
    return new CheckpointDraft(
        step,
        List.of(Blobs.text(folder, "student.safetensors", "student " + step)),
        List.of(),
        List.of(),
        ENVIRONMENT);
  }

  @Test
  void findsNothingWhereNothingIsWrong() {
    assertThat(audit.chains()).isEmpty();
    assertThat(audit.lineage()).isEmpty();
    assertThat(audit.damages()).isEmpty();
    assertThat(audit.unnamed()).isEmpty();
    assertThat(audit.ownFiles(first.id())).containsOnlyKeys("student.safetensors");
  }

  @Test
  void findsAChainWithTwoBeginnings() {
    execute("UPDATE checkpoint SET parent = NULL");
    assertThat(audit.chains()).containsExactly("audited/pretrain has two beginnings");
  }

  @Test
  void findsAParentThatIsNotBefore() {
    execute("UPDATE checkpoint SET step = 3 WHERE step = 1");
    assertThat(audit.chains())
        .anyMatch(text -> text.startsWith("audited/pretrain@2 has a parent"))
        .anyMatch(text -> text.contains("does not stand at its last"));
  }

  @Test
  void findsAStepThatWasMadeTwice() {
    execute("DROP INDEX checkpoint_one_a_step");
    execute("UPDATE checkpoint SET step = 1");
    assertThat(audit.chains())
        .anyMatch(
            text -> text.equals("audited/pretrain@1 is committed more than once at one step"));
  }

  @Test
  void findsAFenceThatNobodyWasGiven() {
    execute("UPDATE checkpoint SET fence = 9 WHERE step = 2");
    assertThat(audit.chains())
        .containsExactly("audited/pretrain@2 was made under a fence that its track never gave out");
  }

  @Test
  void findsTwoSuccessorsOfOneCheckpoint() {
    CheckpointStore store = new CheckpointStore(database, objects);
    store.commit(store.claim(TRACK, "next"), draft(3));
    execute("UPDATE checkpoint SET parent = '" + first.id() + "' WHERE step = 3");
    assertThat(audit.chains()).containsExactly("audited/pretrain@1 has two committed successors");
    assertThat(audit.lineage())
        .containsExactly(
            "audited/pretrain@3 has a parent in the chain that lineage has no edge to");
  }

  @Test
  void findsFilesThatNobodyHolds() {
    execute("DELETE FROM blob_reference WHERE sha256 = '" + digestOf(1) + "'");
    assertThat(audit.lineage())
        .containsExactly(
            "CHECKPOINT %s is kept, but not every file of it is held".formatted(first.id()));
    assertThat(audit.unnamed()).hasSize(1).first().asString().contains(digestOf(1).hex());
  }

  @Test
  void findsABitThatIsWrongAndAnObjectThatIsGone() throws Exception {
    BlobVersion flipped = audit.ownFiles(first.id()).values().iterator().next();
    Path file = bucket.folder().resolve(flipped.key());
    byte[] bytes = Files.readAllBytes(file);
    bytes[3] ^= 1;
    Files.write(file, bytes);
    BlobVersion deleted = audit.ownFiles(second.id()).values().iterator().next();
    objects.delete(deleted.key());

    assertThat(audit.damages()).containsOnlyKeys(flipped.sha256(), deleted.sha256());
  }

  private static Sha256 digestOf(long step) {
    return Sha256.ofText("student " + step);
  }

  private void execute(String sql) {
    database.inTransaction(handle -> handle.execute(sql));
  }
}
