package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.kernel.OnCuda;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A GPU trains what the processor trains, and their checkpoints are each other's. */
@OnCuda
class CudaTrainingTest {
  private static final PipelineRecipe RECIPE =
      RecipeFormat.parse(
          """
          name: cuda
          compute: {threads: 1}
          stages:
            - {kind: curate}
            - kind: train
              name: pretrain
              steps: 6
              batch_size: 4
              start:
                kind: fresh
                student: {arch: vit, patch_size: 8, embed_dim: 16, depth: 2, num_heads: 2, drop_path_rate: 0.3}
                dino_head: {n_prototypes: 16, bottleneck_dim: 8, hidden_dim: 16}
                ibot_head: {n_prototypes: 16, bottleneck_dim: 8, hidden_dim: 16}
              crops: {sizes: [{global: 16, local: 8}], local_crops_number: 2}
              optim:
                lr: {peak: 1.0e-3, end: 1.0e-3, warmup_steps: 0}
                momentum: {start: 0.5, peak: 0.5, end: 0.5}
          """);
  private static final double LOSS_DIFFERENCE_MAX = 1e-3;

  @TempDir Path temp;
  private Dataset dataset;

  @BeforeEach
  void pictures() {
    dataset = CaptionedPictures.in(temp);
  }

  @Test
  void itsTensorsLieOnTheGpu() {
    try (Trainer trainer = trainer("cuda:0", 0, Map.of())) {
      assertThat(TorchKernels.manager().getDevice().isGpu()).isTrue();
      assertThat(losses(trainer, 1)).hasSize(1);
    }
  }

  @Test
  void theLossesOfItsStepsAreThoseOfTheProcessor() {
    List<Double> expected;
    try (Trainer trainer = trainer("cpu", 0, Map.of())) {
      expected = losses(trainer, 4);
    }
    try (Trainer trainer = trainer("cuda:0", 0, Map.of())) {
      List<Double> actual = losses(trainer, 4);
      for (int i = 0; i < expected.size(); i++) {
        assertThat(actual.get(i))
            .as("step %d", i)
            .isCloseTo(expected.get(i), within(LOSS_DIFFERENCE_MAX));
      }
    }
  }

  @Test
  void aCheckpointOfOneIsReadOnTheOtherByteForByte() {
    Path written = temp.resolve("gpu");
    Map<String, String> files;
    try (Trainer trainer = trainer("cuda:0", 0, Map.of())) {
      losses(trainer, 2);
      files = digests(trainer.snapshot(written));
    }
    for (String device : List.of("cpu", "cuda:0")) {
      try (Trainer trainer = trainer(device, 2, Map.of("", written))) {
        assertThat(digests(trainer.snapshot(temp.resolve("again-" + device.substring(0, 3)))))
            .as(device)
            .isEqualTo(files);
        assertThat(losses(trainer, 3)).hasSize(1);
      }
    }
  }

  @Test
  void aCopyIsTheStateThatASnapshotWouldHave() {
    try (Trainer trainer = trainer("cuda:0", 0, Map.of())) {
      losses(trainer, 1);
      try (StateCopy copy = trainer.copy()) {
        Map<String, String> snapshot = digests(trainer.snapshot(temp.resolve("snapshot")));
        losses(trainer, 2);

        assertThat(digests(copy.write(temp.resolve("copy")))).isEqualTo(snapshot);
      }
    }
  }

  @Test
  void theProbeMeasuresTheSame() {
    Map<String, Double> expected;
    try (Trainer trainer = trainer("cpu", 0, Map.of())) {
      expected = trainer.probe();
    }
    try (Trainer trainer = trainer("cuda:0", 0, Map.of())) {
      Map<String, Double> actual = trainer.probe();
      assertThat(actual.keySet()).isEqualTo(expected.keySet());
      expected.forEach(
          (name, value) ->
              assertThat(actual.get(name)).as(name).isCloseTo(value, within(LOSS_DIFFERENCE_MAX)));
    }
  }

  private Trainer trainer(String device, long step, Map<String, Path> resume) {
    return Trainers.ssl(
        new TrainJob(
            RecipeFormat.override(RECIPE, Map.of("compute.device", device)),
            "pretrain",
            "",
            dataset,
            resume,
            step,
            Optional.empty(),
            Optional.empty(),
            temp));
  }

  private static List<Double> losses(Trainer trainer, long untilStep) {
    List<Double> losses = new ArrayList<>();
    trainer.run(
        untilStep,
        step -> {
          losses.add(step.values().get(HealthGuard.LOSS));
          return StepListener.Verdict.GO_ON;
        });
    return losses;
  }

  private static Map<String, String> digests(Map<String, Snapshot> snapshots) {
    return snapshots.values().stream()
        .flatMap(snapshot -> snapshot.files().stream())
        .collect(Collectors.toMap(BlobFile::name, file -> file.sha256().hex()));
  }
}
