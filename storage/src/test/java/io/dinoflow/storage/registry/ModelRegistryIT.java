package io.dinoflow.storage.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.checkpoint.Retention;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.InMemoryObjectStore;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.storage.testing.TestServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelRegistryIT {
  private static final Promotion.Decision ASKED =
      new Promotion.Decision("ada", "better", Map.of("knn10.top1", 0.5));
  private static Database database;
  private static int models;

  @TempDir Path folder;
  private ModelRegistry registry;
  private String model;
  private TrackId track;
  private List<Sha256> checkpoints;

  @BeforeAll
  static void servers() {
    database = TestServers.database();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void threeCheckpoints() {
    registry = new ModelRegistry(database);
    model = "model-" + models++;
    RunId run = new RunId("run-of-" + model);
    track = TrackId.of(run, "pretrain");
    new LineageStore(database).openRun(run, "demo", Sha256.ofText("recipe"), "{}");
    CheckpointStore store = new CheckpointStore(database, new InMemoryObjectStore());
    checkpoints = new ArrayList<>();
    Claim claim = store.claim(track, "owner");
    for (long step = 1; step <= 3; step++) {
      var made =
          store.commit(
              claim,
              new CheckpointDraft(
                  step,
                  List.of(Blobs.text(folder, "teacher.safetensors", model + step)),
                  List.of(),
                  List.of(),
                  new Environment("PyTorch", "kernels", 2, "cpu", "avx2", "0.1.0")));
      claim = claim.after(made);
      checkpoints.add(made.id());
    }
  }

  @Test
  void numbersVersionsAndRegistersEachCheckpointOnce() {
    ModelVersion first = register(0);
    assertThat(first.version()).isEqualTo(1);
    assertThat(first.checkpoint().track()).isEqualTo(track);
    assertThat(register(1).version()).isEqualTo(2);
    assertThat(register(0)).isEqualTo(first);
    assertThat(registry.versions(model)).extracting(ModelVersion::version).containsExactly(2, 1);
  }

  @Test
  void givesEveryVersionItsOwnNumberWhoeverRegistersAtTheSameTime() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      List<Callable<ModelVersion>> calls =
          List.of(() -> register(0), () -> register(1), () -> register(2));
      List<Integer> numbers = new ArrayList<>();
      for (Future<ModelVersion> call : pool.invokeAll(calls)) {
        numbers.add(call.get().version());
      }
      assertThat(numbers).containsExactlyInAnyOrder(1, 2, 3);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void promotesAndSaysWhatItReplaced() {
    register(0);
    register(1);
    Promotion first = registry.promote(model, 1, "champion", ASKED).orElseThrow();
    assertThat(first.replaced()).isEmpty();
    assertThat(registry.promote(model, 1, "champion", ASKED)).as("again").isEmpty();
    Promotion second = registry.promote(model, 2, "champion", ASKED).orElseThrow();
    assertThat(second.replaced()).contains(1);
    assertThat(second.decision()).isEqualTo(ASKED);
    assertThat(registry.find(model, "champion").orElseThrow().version()).isEqualTo(2);
    assertThat(registry.history(model)).containsExactly(second, first);
  }

  @Test
  void keepsAliasesApart() {
    register(0);
    register(1);
    registry.promote(model, 1, "champion", ASKED);
    registry.promote(model, 2, "satellite/segmentation", ASKED);
    assertThat(registry.find(model, "champion").orElseThrow().version()).isEqualTo(1);
    assertThat(registry.find(model, "satellite/segmentation").orElseThrow().aliases())
        .containsExactly("satellite/segmentation");
  }

  @Test
  void rollsBackStepByStepPastWhatWasRolledBackBefore() {
    for (int i = 0; i < 3; i++) {
      register(i);
    }
    registry.promote(model, 1, "champion", ASKED);
    registry.promote(model, 2, "champion", ASKED);
    assertThat(rollback().version()).isEqualTo(1);
    registry.promote(model, 3, "champion", ASKED);
    Promotion back = rollback();
    assertThat(back.version()).as("not to 2, which had been rolled back").isEqualTo(1);
    assertThat(back.replaced()).contains(3);
    assertThat(back.kind()).isEqualTo(Promotion.Kind.ROLLED_BACK);
    assertThatThrownBy(this::rollback)
        .isInstanceOf(NothingBeforeException.class)
        .hasMessageContaining("never pointed at anything but version 1");
  }

  @Test
  void refusesWhatIsNotThere() {
    assertThatThrownBy(() -> registry.register(model, Sha256.ofText("none"), Optional.empty()))
        .isInstanceOf(UnknownIdException.class);
    register(0);
    assertThatThrownBy(() -> registry.promote(model, 7, "champion", ASKED))
        .isInstanceOf(UnknownIdException.class)
        .hasMessageContaining("has no version 7");
    assertThatThrownBy(this::rollback).isInstanceOf(NothingBeforeException.class);
  }

  @Test
  void retentionKeepsWhatIsRegistered() {
    register(0);
    assertThat(new Retention(database).expire(track, new CheckpointPolicy(1, 0, 1, 0, true)))
        .extracting(ref -> ref.id())
        .containsExactly(checkpoints.get(1));
  }

  private ModelVersion register(int checkpoint) {
    return registry.register(model, checkpoints.get(checkpoint), Optional.empty());
  }

  private Promotion rollback() {
    return registry.rollback(model, "champion", ASKED);
  }
}
