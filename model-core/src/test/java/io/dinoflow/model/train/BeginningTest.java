package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A track that begins with another run's checkpoint has its teacher's weights and nothing else. */
class BeginningTest {
  private static final PipelineRecipe RECIPE =
      RecipeFormat.parse(
          """
          name: beginning
          compute: {threads: 1}
          stages:
            - {kind: curate}
            - kind: train
              name: pretrain
              steps: 4
              batch_size: 4
              start:
                kind: fresh
                student: {arch: vit, patch_size: 8, embed_dim: 16, depth: 1, num_heads: 2}
                dino_head: {n_prototypes: 16, bottleneck_dim: 8, hidden_dim: 16}
                ibot_head: {n_prototypes: 16, bottleneck_dim: 8, hidden_dim: 16}
              crops: {sizes: [{global: 16, local: 8}], local_crops_number: 2}
              optim:
                lr: {peak: 1.0e-2, end: 1.0e-2, warmup_steps: 0}
                momentum: {start: 0.5, peak: 0.5, end: 0.5}
          """);

  @TempDir Path temp;
  private Dataset dataset;
  private Path trained;

  @BeforeEach
  void trainFromScratch() {
    dataset = CaptionedPictures.in(temp);
    trained = temp.resolve("trained");
    try (Trainer trainer = Trainers.ssl(job(RECIPE, Optional.empty()))) {
      trainer.run(3, step -> StepListener.Verdict.GO_ON);
      trainer.snapshot(trained);
    }
  }

  @Test
  void studentTeacherAndHeadsAreTheOtherRunsTeacherAtStepZero() {
    Path begun = temp.resolve("begun");
    try (Trainer trainer = Trainers.ssl(job(continued(), Optional.of(trained)))) {
      assertThat(trainer.step()).isZero();
      trainer.snapshot(begun);
    }

    try (NDManager manager = TorchKernels.manager().newSubManager();
        StateDict teacher = Safetensors.read(trained.resolve("teacher.safetensors"), manager);
        StateDict heads = Safetensors.read(trained.resolve("heads.safetensors"), manager);
        StateDict begunStudent = Safetensors.read(begun.resolve("student.safetensors"), manager);
        StateDict begunTeacher = Safetensors.read(begun.resolve("teacher.safetensors"), manager);
        StateDict begunHeads = Safetensors.read(begun.resolve("heads.safetensors"), manager);
        StateDict moments = Safetensors.read(begun.resolve("optimizer.safetensors"), manager);
        StateDict student = Safetensors.read(trained.resolve("student.safetensors"), manager)) {
      assertThat(same(begunTeacher, teacher)).isTrue();
      assertThat(same(begunStudent, teacher)).isTrue();
      assertThat(same(student, teacher)).as("the teacher lags behind").isFalse();
      StateDict teacherHeads = heads.withoutPrefix("teacher.");
      assertThat(same(begunHeads.withoutPrefix("teacher."), teacherHeads)).isTrue();
      assertThat(same(begunHeads.withoutPrefix("student."), teacherHeads)).isTrue();
      moments.forEach(
          (name, moment) -> assertThat(moment.abs().sum().toFloatArray()).as(name).containsOnly(0));
    }
  }

  @Test
  void saysThatItWasGivenNoCheckpoint() {
    assertThatThrownBy(() -> Trainers.ssl(job(continued(), Optional.empty())))
        .hasMessageContaining("starts from another but was given no checkpoint");
  }

  private static boolean same(StateDict a, StateDict b) {
    assertThat(a.names()).containsExactlyInAnyOrderElementsOf(b.names()).isNotEmpty();
    return a.names().stream().allMatch(name -> a.tensor(name).contentEquals(b.tensor(name)));
  }

  private static PipelineRecipe continued() {
    Start.Fresh networks = RECIPE.architecture(RECIPE.stage("pretrain", StageRecipe.Train.class));
    return RecipeFormat.override(
        RECIPE,
        Map.of(
            "pretrain.start",
            new Start.FromCheckpoint(
                Sha256.ofText("trained"),
                networks.student(),
                networks.dinoHead(),
                networks.ibotHead())));
  }

  private TrainJob job(PipelineRecipe recipe, Optional<Path> origin) {
    return new TrainJob(
        recipe, "pretrain", "", dataset, Map.of(), 0, origin, Optional.empty(), temp);
  }
}
