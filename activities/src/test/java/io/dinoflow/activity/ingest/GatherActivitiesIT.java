package io.dinoflow.activity.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dinoflow.activity.testing.Bench;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.CachedImages;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.GatherActivities;
import io.dinoflow.workflow.activity.GatherActivities.GatherRequest;
import io.dinoflow.workflow.activity.GatherActivities.Gathered;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.failure.ActivityFailure;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatherActivitiesIT {
  private static final long SHARD_BYTES = 4096;

  @TempDir static Path folder;
  private static Bench bench;
  private static TestActivityEnvironment temporal;
  private static GatherActivities activities;

  @BeforeAll
  static void servers() {
    bench = Bench.in(folder);
    temporal =
        TestActivityEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .build());
    temporal.registerActivitiesImplementations(new GatherActivitiesImpl(bench.workbench()));
    activities = temporal.newActivityStub(GatherActivities.class, Bench.PATIENT);
  }

  @AfterAll
  static void close() {
    temporal.close();
    bench.close();
  }

  @Test
  void addsWhatIsNewAndUploadsNoShardOfTheBaseAgain() throws Exception {
    Path pictures = pictures("birds", 0, 12);
    DatasetRef base = gather(pictures, Optional.empty(), 1).union().orElseThrow();
    List<FileEntry> before = shards(base);
    long objects = objects();

    pictures("birds", 12, 15);
    Gathered gathered = gather(pictures, Optional.of(base), 1);
    DatasetRef union = gathered.union().orElseThrow();

    assertThat(gathered.present()).isEqualTo(15);
    assertThat(gathered.fresh()).isEqualTo(3);
    assertThat(gathered.gone()).isZero();
    assertThat(union.samples()).isEqualTo(15);
    assertThat(gathered.shardsKept()).isEqualTo(before.size()).isGreaterThan(1);
    assertThat(shards(union)).containsAll(before).hasSize(before.size() + gathered.shardsAdded());
    // what is new in the store: the added shards, the table of samples, the artifact's manifest
    assertThat(objects() - objects).isEqualTo(gathered.shardsAdded() + 2);
    everyPictureIsWhatItsRowSays(union);
    assertThat(gather(pictures, Optional.of(base), 1)).isEqualTo(gathered);
  }

  @Test
  void commitsNothingWhereTooFewAreNew() throws Exception {
    Path pictures = pictures("few", 20, 26);
    DatasetRef base = gather(pictures, Optional.empty(), 1).union().orElseThrow();
    long objects = objects();

    assertThat(gather(pictures, Optional.of(base), 1).fresh()).isZero();
    pictures("few", 26, 28);
    Gathered few = gather(pictures, Optional.of(base), 3);

    assertThat(few.fresh()).isEqualTo(2);
    assertThat(few.union()).isEmpty();
    assertThat(objects()).isEqualTo(objects);
  }

  @Test
  void comparesByContentAndKeepsWhatIsGone() throws Exception {
    Path pictures = pictures("moved", 40, 46);
    DatasetRef base = gather(pictures, Optional.empty(), 1).union().orElseThrow();
    Files.move(pictures.resolve("40.png"), pictures.resolve("renamed.png"));
    Files.delete(pictures.resolve("41.png"));
    // another picture under a name that the base has: its key must not collide
    Files.write(pictures.resolve("42.png"), Pictures.png(99));
    Files.write(pictures.resolve("broken.png"), new byte[] {1, 2});

    Gathered gathered = gather(pictures, Optional.of(base), 1);

    assertThat(gathered.fresh()).isEqualTo(1);
    assertThat(gathered.gone()).isEqualTo(2);
    assertThat(gathered.quarantined()).isEqualTo(1);
    DatasetRef union = gathered.union().orElseThrow();
    assertThat(union.samples()).isEqualTo(7);
    assertThat(bench.workbench().datasets().open(union).samples())
        .extracting(Sample::key)
        .doesNotHaveDuplicates();
    everyPictureIsWhatItsRowSays(union);
  }

  @Test
  void unitesVersionsOfAStoredDatasetWithoutMovingBytes() throws Exception {
    Path pictures = pictures("stored", 60, 66);
    DatasetRef old = gather(pictures, Optional.empty(), 1).union().orElseThrow();
    Files.delete(pictures.resolve("60.png"));
    pictures("stored", 66, 70);
    DatasetRef newest = gather(pictures, Optional.empty(), 1).union().orElseThrow();
    long objects = objects();

    Gathered gathered =
        activities.gather(
            new GatherRequest(
                "dataset:stored@" + newest.version(), Optional.of(old), 1, SHARD_BYTES));

    assertThat(gathered.fresh()).isEqualTo(4);
    assertThat(gathered.gone()).isEqualTo(1);
    DatasetRef union = gathered.union().orElseThrow();
    assertThat(union.samples()).isEqualTo(10);
    assertThat(objects() - objects).as("table and manifest").isEqualTo(2);
    everyPictureIsWhatItsRowSays(union);
  }

  @Test
  void takesANewerVersionThatHasEverythingAsItIs() throws Exception {
    Path pictures = pictures("grown", 80, 84);
    DatasetRef old = gather(pictures, Optional.empty(), 1).union().orElseThrow();
    pictures("grown", 84, 86);
    DatasetRef newest = gather(pictures, Optional.of(old), 1).union().orElseThrow();

    Gathered gathered =
        activities.gather(new GatherRequest("dataset:grown", Optional.of(old), 1, SHARD_BYTES));

    assertThat(gathered.union()).contains(newest);
  }

  @Test
  void failsForGoodWhereThereIsNoSuchDataset() {
    ActivityFailure failure =
        catchThrowableOfType(
            ActivityFailure.class,
            () ->
                activities.gather(
                    new GatherRequest("dataset:nobody", Optional.empty(), 1, SHARD_BYTES)));
    assertThat(failure.getCause())
        .isInstanceOfSatisfying(
            ApplicationFailure.class,
            cause -> {
              assertThat(cause.getType()).isEqualTo(Failures.BAD_DATASET);
              assertThat(cause.isNonRetryable()).isTrue();
            });
  }

  private static Gathered gather(Path pictures, Optional<DatasetRef> base, long atLeast) {
    return activities.gather(new GatherRequest(pictures.toString(), base, atLeast, SHARD_BYTES));
  }

  private static void everyPictureIsWhatItsRowSays(DatasetRef dataset) throws IOException {
    Dataset read = bench.workbench().datasets().open(dataset);
    CachedImages images = CachedImages.of(read);
    for (Sample sample : read.samples()) {
      assertThat(Sha256.of(images.bytes(sample))).isEqualTo(sample.sha256());
    }
  }

  private static List<FileEntry> shards(DatasetRef dataset) {
    return bench.workbench().artifacts().manifest(dataset.version()).files().stream()
        .filter(file -> file.name().endsWith(".tar"))
        .toList();
  }

  private static long objects() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("objects"))) {
      return files.filter(Files::isRegularFile).count();
    }
  }

  private static Path pictures(String name, int from, int to) throws IOException {
    Path pictures = Files.createDirectories(folder.resolve(name));
    for (int i = from; i < to; i++) {
      Files.write(pictures.resolve(i + ".png"), Pictures.png(i));
    }
    return pictures;
  }
}
