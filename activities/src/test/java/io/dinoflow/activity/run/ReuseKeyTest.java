package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.activity.support.Machine;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.kernel.Accelerators;
import io.dinoflow.model.kernel.NativeLibrary;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.workflow.activity.RunActivities.BeginStage;
import io.dinoflow.workflow.activity.StageResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReuseKeyTest {
  private static final Accelerators PROCESSOR =
      new Accelerators(new NativeLibrary(Optional.empty(), "2.7.1", false), List.of());
  private static final Accelerators GPU = gpu("NVIDIA H200");

  private static final Machine MACHINE =
      new Machine("PyTorch 2.7.1", "kernels", 2, PROCESSOR, "avx2", "0.1.0");
  private static final Sha256 KEY = key(Chain.recipe(), input("run-1", "state", "data"), MACHINE);

  @ParameterizedTest
  @CsvSource({
    "seed, 8",
    "gram.steps, 7",
    "gram.optim.clip_grad, 1.5",
    "gram.crops.local_crops_number, 3",
    "pretrain.start.student.num_heads, 4",
    "compute.threads, 1",
    "compute.precision, bf16",
    "compute.device, cuda:0",
    // The checkpoints that the stage's recipe promises are part of its result.
    "gram.checkpointing.period, 3"
  })
  void changesWithWhatDecidesTheResult(String path, String value) {
    Object parsed = value.matches("[0-9]+") ? (Object) Integer.valueOf(value) : value;
    Object typed = value.matches("[0-9]+\\.[0-9]+") ? (Object) Double.valueOf(value) : parsed;
    assertThat(key(Chain.with(path, typed), input("run-1", "state", "data"), MACHINE))
        .isNotEqualTo(KEY);
  }

  @Test
  void aStageThatBeganWithAnotherRunsCheckpointIsNotTakenForOneThatBeganWithADifferentOne() {
    PipelineRecipe one = beginningWith("one");
    PipelineRecipe other = beginningWith("other");
    assertThat(key(one, "pretrain", List.of(), MACHINE))
        .isNotEqualTo(key(other, "pretrain", List.of(), MACHINE))
        .isNotEqualTo(key(Chain.recipe(), "pretrain", List.of(), MACHINE));

    List<StageResult> equalStates = input("run-1", "state", "data");
    assertThat(key(one, equalStates, MACHINE))
        .as("behind it an equal state counts, whatever it was begun with")
        .isEqualTo(key(other, equalStates, MACHINE))
        .isEqualTo(KEY);
    assertThat(
            key(
                RecipeFormat.override(one, Map.of("pretrain.start.student.drop_path_rate", 0.1)),
                equalStates,
                MACHINE))
        .isNotEqualTo(KEY);
  }

  private static PipelineRecipe beginningWith(String checkpoint) {
    Start.Fresh networks =
        Chain.recipe().architecture(Chain.recipe().stage("pretrain", StageRecipe.Train.class));
    return Chain.with(
        "pretrain.start",
        new Start.FromCheckpoint(
            Sha256.ofText(checkpoint),
            networks.student(),
            networks.dinoHead(),
            networks.ibotHead()));
  }

  @Test
  void aStageThatBeganAsAForkIsNotTakenForOneThatBeganAtItsBeginning() {
    PipelineRecipe recipe = Chain.recipe();
    Sha256 fork =
        ReuseKey.of(
            recipe,
            recipe.stage("gram").orElseThrow(),
            request("gram", input("run-1", "state", "data")),
            List.of(Sha256.ofText("begun with")),
            MACHINE);
    assertThat(fork).isNotEqualTo(KEY);
  }

  @ParameterizedTest
  @CsvSource({
    "highres.steps, 9",
    "distill.batch_size, 9",
    "evaluate.folds, 3",
    "data.source, emoji",
    "data.limit, 3",
    "description, other words"
  })
  void staysWithWhatDecidesNothingOfIt(String path, String value) {
    Object typed = value.matches("[0-9]+") ? (Object) Integer.valueOf(value) : value;
    assertThat(key(Chain.with(path, typed), input("run-1", "state", "data"), MACHINE))
        .isEqualTo(KEY);
  }

  @Test
  void changesWithTheStatesAndDatasetsItIsMadeFrom() {
    assertThat(key(Chain.recipe(), input("run-1", "other state", "data"), MACHINE))
        .isNotEqualTo(KEY);
    assertThat(key(Chain.recipe(), input("run-1", "state", "other data"), MACHINE))
        .isNotEqualTo(KEY);
    assertThat(key(Chain.recipe(), List.of(), MACHINE)).isNotEqualTo(KEY);
  }

  @Test
  void staysWhoeverComputedAnEqualState() {
    assertThat(key(Chain.recipe(), input("run-2", "state", "data"), MACHINE)).isEqualTo(KEY);
  }

  @Test
  void changesWithTheArithmeticOfTheMachineAndNotWithItsSizeOrCode() {
    assertThat(with(new Machine("PyTorch 2.8", "kernels", 2, PROCESSOR, "avx2", "0.1.0")))
        .isNotEqualTo(KEY);
    assertThat(with(new Machine("PyTorch 2.7.1", "others", 2, PROCESSOR, "avx2", "0.1.0")))
        .isNotEqualTo(KEY);
    assertThat(with(new Machine("PyTorch 2.7.1", "kernels", 2, GPU, "avx2", "0.1.0")))
        .isNotEqualTo(KEY);
    assertThat(with(new Machine("PyTorch 2.7.1", "kernels", 2, gpu("NVIDIA L4"), "avx2", "0.1.0")))
        .as("GPUs of two kinds")
        .isNotEqualTo(with(new Machine("PyTorch 2.7.1", "kernels", 2, GPU, "avx2", "0.1.0")));
    assertThat(with(new Machine("PyTorch 2.7.1", "kernels", 2, PROCESSOR, "avx512", "0.1.0")))
        .isNotEqualTo(KEY);
    assertThat(with(new Machine("PyTorch 2.7.1", "kernels", 64, PROCESSOR, "avx2", "0.2.0")))
        .isEqualTo(KEY);
  }

  @ParameterizedTest
  @CsvSource({"compute.threads, 1", "compute.precision, bf16", "compute.device, cuda:0"})
  void countsNoTensorArithmeticWhereAStageHasNone(String path, String value) {
    Object typed = value.matches("[0-9]+") ? (Object) Integer.valueOf(value) : value;
    Machine other = new Machine("PyTorch 2.8", "others", 2, GPU, "avx2", "0.1.0");

    assertThat(curation(Chain.with(path, typed), MACHINE))
        .isEqualTo(curation(Chain.recipe(), MACHINE));
    assertThat(curation(Chain.recipe(), other)).isEqualTo(curation(Chain.recipe(), MACHINE));
  }

  @ParameterizedTest
  @CsvSource({"seed, 8", "curate.target_size, 7"})
  void changesWithWhatDecidesACuration(String path, int value) {
    assertThat(curation(Chain.with(path, value), MACHINE))
        .isNotEqualTo(curation(Chain.recipe(), MACHINE));
  }

  @Test
  void changesWithTheBuildOfLibtorchThoughItComputesOnTheProcessorToo() {
    NativeLibrary wheel = new NativeLibrary(Optional.of(Path.of("lib")), "2.7.1+cpu", false);
    Machine other =
        new Machine(
            "PyTorch 2.7.1", "kernels", 2, new Accelerators(wheel, List.of()), "avx2", "0.1.0");

    assertThat(with(other)).isNotEqualTo(KEY);
  }

  private static Accelerators gpu(String card) {
    return new Accelerators(
        new NativeLibrary(Optional.of(Path.of("lib")), "2.7.1+cu126", true), List.of(card));
  }

  private static Sha256 with(Machine machine) {
    return key(Chain.recipe(), input("run-1", "state", "data"), machine);
  }

  private static List<StageResult> input(String run, String state, String data) {
    RunId id = new RunId(run);
    DatasetRef dataset = new DatasetRef(ArtifactKind.DATASET, "d", Sha256.ofText(data), 3);
    DatasetRef source = new DatasetRef(ArtifactKind.SOURCE, "s", Sha256.ofText("source"), 3);
    CheckpointRef head =
        new CheckpointRef(
            Sha256.ofText("commit of " + run),
            TrackId.of(id, "pretrain"),
            12,
            Sha256.ofText(state));
    return List.of(
        StageResult.curated("curate", source, dataset, List.of(Metric.of("images", run.length()))),
        StageResult.trained("pretrain", List.of(head), List.of()));
  }

  private static Sha256 curation(PipelineRecipe recipe, Machine machine) {
    return key(recipe, "curate", List.of(), machine);
  }

  private static Sha256 key(PipelineRecipe recipe, List<StageResult> inputs, Machine machine) {
    return key(recipe, "gram", inputs, machine);
  }

  private static Sha256 key(
      PipelineRecipe recipe, String stage, List<StageResult> inputs, Machine machine) {
    return ReuseKey.of(recipe, recipe.stage(stage).orElseThrow(), request(stage, inputs), machine);
  }

  private static BeginStage request(String stage, List<StageResult> inputs) {
    return new BeginStage(
        new RunId("me"), Sha256.ofText("recipe"), stage, Optional.empty(), inputs, true);
  }
}
