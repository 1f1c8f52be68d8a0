package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.text.AlignedTowers;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlignTrainerTest {
  private static final String RECIPE =
      """
      name: words
      compute: {threads: 1, precision: fp32}
      stages:
        - kind: curate
          name: curate
        - kind: train
          name: pretrain
          start: {kind: fresh, student: {arch: vit, patch_size: 8, embed_dim: 24, depth: 1, num_heads: 3}}
          steps: 1
        - kind: distill
          name: distill
          teacher: pretrain
          steps: 1
          groups:
            - students:
                - {name: small, student: {arch: convnext, depths: [1, 1, 1, 1], dims: [8, 8, 16, 24]}}
        - kind: align_text
          name: align
          vision: pretrain
          steps: 200
          batch_size: 8
          image_size: 24
          vision_blocks: 1
          text: {width: 16, layers: 1, heads: 2, context_length: 12, embed_dim: 32}
          optim:
            lr: {peak: 3.0e-3, end: 3.0e-3, warmup_steps: 5}
            weight_decay: {start: 1.0e-4, peak: 1.0e-4, end: 1.0e-4}
      """;

  @TempDir Path temp;
  private Dataset dataset;

  @BeforeEach
  void makePictures() {
    dataset = CaptionedPictures.in(temp);
  }

  @ParameterizedTest
  @ValueSource(strings = {"threads: 1, precision: fp32", "threads: 2, precision: bf16"})
  void resumesAsIfItHadNeverStopped(String compute) {
    PipelineRecipe recipe =
        RecipeFormat.parse(RECIPE.replace("threads: 1, precision: fp32", compute));
    Path vision = vision(recipe);
    Map<String, String> straight;
    try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of(), 0))) {
      run(trainer, 5);
      straight = digests(trainer.snapshot(temp.resolve("straight")));
    }
    Path half = temp.resolve("half");
    try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of(), 0))) {
      run(trainer, 2);
      assertThat(digests(trainer.snapshot(half))).isNotEqualTo(straight);
    }
    try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of("", half), 2))) {
      assertThat(trainer.step()).isEqualTo(2);
      run(trainer, 5);
      assertThat(digests(trainer.snapshot(temp.resolve("resumed")))).isEqualTo(straight);
    }
    assertThat(straight.keySet())
        .containsExactlyInAnyOrder("student.safetensors", "optimizer.safetensors", "guard.json");
  }

  @Test
  void aCopyStaysTheStateOfItsStepWhileTrainingGoesOn() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE);
    try (Trainer trainer = Trainers.align(job(recipe, vision(recipe), Map.of(), 0))) {
      run(trainer, 2);
      Map<String, String> two = digests(trainer.snapshot(temp.resolve("two")));
      try (StateCopy copy = trainer.copy()) {
        run(trainer, 4);
        assertThat(copy.step()).isEqualTo(2);
        Map<String, Snapshot> written = copy.write(temp.resolve("copy of two"));
        assertThat(written.get("").step()).isEqualTo(2);
        assertThat(digests(written)).isEqualTo(two);
        assertThatThrownBy(trainer::copy)
            .as("there is memory for one")
            .isInstanceOf(IllegalStateException.class)
            .hasMessageContaining("step 4");
      }
      Map<String, String> four = digests(trainer.snapshot(temp.resolve("four")));
      assertThat(four).isNotEqualTo(two);
      try (StateCopy copy = trainer.copy()) {
        assertThat(digests(copy.write(temp.resolve("copy of four")))).isEqualTo(four);
      }
    }
  }

  @Test
  void picturesAndCaptionsFindEachOther() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE.replace("batch_size: 8", "batch_size: 16"));
    Path vision = vision(recipe);
    Path folder = temp.resolve("trained");
    List<StepMetrics> metrics;
    try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of(), 0))) {
      metrics = run(trainer, 200);
      assertThat(trainer.probe().get("probe.image_to_text_top1")).isGreaterThan(0.8);
      assertThat(trainer.probe().get("probe.text_to_image_top1")).isGreaterThan(0.8);
      trainer.snapshot(folder);
    }
    double chance = Math.log(16);
    assertThat(metrics.get(0).values().get("total_loss")).isGreaterThan(0.6 * chance);
    assertThat(metrics.get(199).values().get("total_loss")).isLessThan(0.25 * chance);

    try (AlignedTowers towers = AlignedTowers.load(recipe, align(recipe), folder, vision)) {
      List<String> captions = dataset.samples().stream().map(Sample::caption).toList();
      float[][] texts = towers.texts(captions);
      float[][] images = towers.images(pictures(recipe, towers.side()), captions.size());
      int hits = 0;
      for (int i = 0; i < images.length; i++) {
        assertThat(dot(images[i], images[i])).isCloseTo(1, within(1e-5));
        assertThat(dot(texts[i], texts[i])).isCloseTo(1, within(1e-5));
        hits += nearest(images[i], texts) == i ? 1 : 0;
      }
      assertThat(hits).isGreaterThan(12);
    }
  }

  @Test
  void embeddingsDoNotDependOnHowManyAreAskedForOrHowOften() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE);
    Path vision = vision(recipe);
    Path folder = temp.resolve("fresh");
    try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of(), 0))) {
      trainer.snapshot(folder);
    }
    int before = arrays(TorchKernels.manager());
    try (AlignedTowers towers = AlignedTowers.load(recipe, align(recipe), folder, vision)) {
      assertThat(arrays(TorchKernels.manager())).isGreaterThan(before);
      float[][] texts = towers.texts(List.of("a red bar", "a blue frame", "a red bar"));
      assertThat(texts[2]).isEqualTo(texts[0]).isNotEqualTo(texts[1]);
      assertThat(texts[0]).isNotSameAs(texts[2]);
      assertThat(towers.texts(List.of())).isEmpty();

      FloatBuffer few = pictures(recipe, towers.side());
      int values = few.capacity() / 16;
      FloatBuffer many = FloatBuffer.allocate(80 * values);
      for (int i = 0; i < 80; i++) {
        many.put(i * values, few, (i % 16) * values, values);
      }
      float[][] images = towers.images(many.position(7), 80);
      assertThat(images).hasDimensions(80, 32);
      assertThat(images[79]).containsExactly(towers.images(few, 16)[15], within(1e-5f));
      assertThatThrownBy(() -> towers.images(few, 17)).hasMessageContaining("17 pictures");
    }
    assertThat(arrays(TorchKernels.manager())).isEqualTo(before);
  }

  @Test
  void theLogitScaleIsKeptWithinItsLimits() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE);
    Path vision = vision(recipe);
    for (double[] c : new double[][] {{10, 100}, {-3, 1}}) {
      Path folder = temp.resolve("scale" + c[0]);
      try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of(), 0))) {
        trainer.snapshot(folder);
      }
      set(folder.resolve("student.safetensors"), "logit_scale", (float) c[0]);
      try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of("", folder), 0))) {
        assertThat(run(trainer, 1).get(0).values().get("logit_scale"))
            .isCloseTo(c[1], within(1e-3));
      }
    }
  }

  @Test
  void aStepLeavesNothingInNativeMemory() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE);
    try (Trainer trainer = Trainers.align(job(recipe, vision(recipe), Map.of(), 0))) {
      run(trainer, 1);
      int after = arrays(TorchKernels.manager());
      run(trainer, 4);
      trainer.probe();
      assertThat(arrays(TorchKernels.manager())).isEqualTo(after);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vision: pretrain -> vision: distill\n    student: small",
        "precision: fp32 -> precision: bf16",
        "vision_blocks: 1 -> vision_blocks: 0",
        "embed_dim: 32 -> embed_dim: 48",
        "batch_size: 8 -> batch_size: 24"
      })
  void otherTowersAndFormatsTrainToo(String change) {
    String[] parts = change.split(" -> ");
    assertThat(RECIPE).contains(parts[0]);
    PipelineRecipe recipe =
        RecipeFormat.parse(
            RECIPE.replace(parts[0], parts[1]).replace("image_size: 24", "image_size: 32"));
    Path vision = vision(recipe);
    Path folder = temp.resolve("other");
    try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of(), 0))) {
      assertThat(run(trainer, 2))
          .allSatisfy(m -> assertThat(m.values().get("total_loss")).isFinite().isPositive());
      trainer.snapshot(folder);
    }
    try (AlignedTowers towers = AlignedTowers.load(recipe, align(recipe), folder, vision)) {
      assertThat(towers.images(pictures(recipe, towers.side()), 16)).hasNumberOfRows(16);
    }
  }

  @Test
  void refusesAnotherRecipesWeights() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE);
    Path vision = vision(recipe);
    Path folder = temp.resolve("narrow");
    try (Trainer trainer = Trainers.align(job(recipe, vision, Map.of(), 0))) {
      trainer.snapshot(folder);
    }
    PipelineRecipe wide = RecipeFormat.parse(RECIPE.replace("width: 16", "width: 32"));
    assertThatThrownBy(() -> AlignedTowers.load(wide, align(wide), folder, vision))
        .hasMessageContaining("token_embedding.weight")
        .hasMessageContaining("[49408, 32]");
    assertThatThrownBy(() -> Trainers.align(job(wide, vision, Map.of("", folder), 0)))
        .hasMessageContaining("does not fit");
  }

  @Test
  void saysThatItWasGivenNoVisionTower() {
    PipelineRecipe recipe = RecipeFormat.parse(RECIPE);
    TrainJob job = job(recipe, vision(recipe), Map.of(), 0);
    TrainJob blind =
        new TrainJob(
            recipe, "align", "", dataset, Map.of(), 0, Optional.empty(), Optional.empty(), temp);
    assertThat(job.origin()).isPresent();
    assertThatThrownBy(() -> Trainers.align(blind)).hasMessageContaining("no vision tower");
  }

  private TrainJob job(PipelineRecipe recipe, Path vision, Map<String, Path> resume, long step) {
    return new TrainJob(
        recipe, "align", "", dataset, resume, step, Optional.of(vision), Optional.empty(), temp);
  }

  private static StageRecipe.AlignText align(PipelineRecipe recipe) {
    return recipe.stage("align", StageRecipe.AlignText.class);
  }

  private static List<StepMetrics> run(Trainer trainer, long until) {
    List<StepMetrics> metrics = new ArrayList<>();
    trainer.run(
        until,
        m -> {
          metrics.add(m);
          return StepListener.Verdict.GO_ON;
        });
    return metrics;
  }

  /** A folder with a vision stage's teacher: random weights and buffers. */
  private Path vision(PipelineRecipe recipe) {
    TorchKernels.prepareThread(1);
    Backbone backbone = Backbones.of(recipe.visionTower(align(recipe)).backbone());
    try (NDManager manager = TorchKernels.manager().newSubManager()) {
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      backbone.initialise(manager, 5).forEach(tensors::put);
      backbone.buffers(manager).forEach(tensors::put);
      Safetensors.write(temp.resolve("teacher.safetensors"), "teacher.safetensors", tensors);
    }
    return temp;
  }

  private static void set(Path file, String name, float value) {
    try (NDManager manager = TorchKernels.manager().newSubManager()) {
      Map<String, NDArray> tensors = new LinkedHashMap<>();
      StateDict stored = Safetensors.read(file, manager);
      stored.forEach(tensors::put);
      assertThat(tensors).containsKey(name);
      tensors.put(name, manager.create(new float[] {value}));
      Safetensors.write(file, file.getFileName().toString(), tensors);
    }
  }

  private FloatBuffer pictures(PipelineRecipe recipe, int side) {
    EvalTransform transform =
        EvalTransform.square(side, Normalisation.of(recipe.visionTower(align(recipe))));
    return ProbePictures.of(dataset, dataset.samples(), transform, dataset.samples().size())
        .pixels();
  }

  private static Map<String, String> digests(Map<String, Snapshot> snapshots) {
    Map<String, String> digests = new LinkedHashMap<>();
    for (BlobFile file : snapshots.get("").files()) {
      digests.put(file.name(), file.sha256().toString());
    }
    return digests;
  }

  private static int arrays(NDManager manager) {
    return manager.getManagedArrays().size();
  }

  private static int nearest(float[] query, float[][] keys) {
    int nearest = 0;
    for (int i = 1; i < keys.length; i++) {
      nearest = dot(query, keys[i]) > dot(query, keys[nearest]) ? i : nearest;
    }
    return nearest;
  }

  private static double dot(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }
}
