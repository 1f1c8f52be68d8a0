package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDList;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.BatchSpec;
import io.dinoflow.model.data.TestBatches;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.recipe.GramTeacherRecipe.GramLossRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.Schedule;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.recipe.io.RecipeProblemsException;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.ComputeCopies;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a step does to fit into less memory changes nothing, or only what is said. */
class MemoryTradesTest {
  private static final String VIT =
      "{arch: vit, patch_size: 4, embed_dim: 16, depth: 3, num_heads: 2, layerscale: 0.5, drop_path_rate: %s}";
  private static final String CONVNEXT =
      "{arch: convnext, depths: [1, 2, 1, 1], dims: [4, 4, 8, 8], layerscale: 0.5, drop_path_rate: %s}";
  private static final int BATCH = 8;

  @BeforeEach
  void prepare() {
    TorchKernels.prepareThread(1);
  }

  static Stream<Arguments> networks() {
    return Stream.of(
        Arguments.of(VIT.formatted("0.3"), Precision.FP32),
        Arguments.of(VIT.formatted("0.0"), Precision.FP32),
        Arguments.of(VIT.formatted("0.3"), Precision.BF16),
        Arguments.of(CONVNEXT.formatted("0.3"), Precision.FP32),
        Arguments.of(CONVNEXT.formatted("0.0"), Precision.BF16));
  }

  @ParameterizedTest
  @MethodSource("networks")
  void blocksComputedAgainGiveTheSameGradientsToTheLastBit(String student, Precision precision)
      throws IOException {
    Step kept = step(recipe(student, false, 0, 0.1), precision);
    Step again = step(recipe(student, true, 0, 0.1), precision);
    assertThat(again.losses()).isEqualTo(kept.losses());
    assertThat(again.gradients().keySet()).isEqualTo(kept.gradients().keySet());
    kept.gradients()
        .forEach((name, g) -> assertThat(again.gradients().get(name)).as(name).containsExactly(g));
    assertThat(kept.gradients().values())
        .as("gradients of a trained network, not zeros")
        .filteredOn(MemoryTradesTest::isZero)
        .hasSizeLessThan(kept.gradients().size() / 4);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4})
  void microBatchesGiveTheGradientsOfTheWholeBatchWithoutKoleo(int microBatch) throws IOException {
    Step whole = step(recipe(VIT.formatted("0.0"), false, 0, 0), Precision.FP32);
    Step split = step(recipe(VIT.formatted("0.0"), false, microBatch, 0), Precision.FP32);
    whole.losses().forEach((name, loss) -> near(name, split.losses().get(name), loss));
    assertThat(split.gradients().keySet()).isEqualTo(whole.gradients().keySet());
    whole.gradients().forEach((name, g) -> near(name, split.gradients().get(name), g));
  }

  @Test
  void microBatchesAndBlocksComputedAgainGoTogether() throws IOException {
    Step split = step(recipe(VIT.formatted("0.3"), false, 2, 0.1), Precision.BF16);
    Step both = step(recipe(VIT.formatted("0.3"), true, 2, 0.1), Precision.BF16);
    assertThat(both.losses()).isEqualTo(split.losses());
    split
        .gradients()
        .forEach((name, g) -> assertThat(both.gradients().get(name)).as(name).containsExactly(g));
  }

  @Test
  void koleoSearchesNeighboursWithinTheMicroBatch() throws IOException {
    Step whole = step(recipe(VIT.formatted("0.0"), false, 0, 0.1), Precision.FP32);
    Step split = step(recipe(VIT.formatted("0.0"), false, 2, 0.1), Precision.FP32);
    assertThat(split.losses().get("koleo_loss"))
        .as("fewer rows are farther apart, and a loss of distances is lower")
        .isLessThan(whole.losses().get("koleo_loss"));
    near(
        "dino",
        split.losses().get("dino_global_crops_loss"),
        whole.losses().get("dino_global_crops_loss"));
    near("ibot", split.losses().get("ibot_loss"), whole.losses().get("ibot_loss"));
  }

  @Test
  void theLoopSumsMicroBatchesBeforeItClipsAndUpdates() {
    Map<String, Double> whole = trained(recipe(VIT.formatted("0.0"), false, 0, 0));
    Map<String, Double> split = trained(recipe(VIT.formatted("0.0"), true, 4, 0));
    assertThat(split.keySet()).isEqualTo(whole.keySet());
    whole.forEach((name, value) -> near(name, split.get(name), value));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 16})
  void refusesMicroBatchesThatDoNotDivideTheBatchOrHaveNoNeighbour(int size) {
    assertThatThrownBy(() -> recipe(VIT.formatted("0.0"), false, size, 0.1))
        .isInstanceOf(RecipeProblemsException.class)
        .hasMessageContaining("memory.micro_batch_size is " + size)
        .hasMessageContaining("batch_size of 8");
  }

  /** Losses and gradients of one forward and backward by name. */
  private record Step(Map<String, Double> losses, Map<String, float[]> gradients) {}

  private static void near(String name, double actual, double expected) {
    assertThat(actual).as(name).isCloseTo(expected, within(1e-5 * Math.max(1, Math.abs(expected))));
  }

  private static void near(String name, float[] actual, float[] expected) {
    double largest = 1e-6;
    for (float e : expected) {
      largest = Math.max(largest, Math.abs(e));
    }
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i]).as(name).isCloseTo(expected[i], within(1e-4 * largest));
    }
  }

  private static boolean isZero(float[] gradient) {
    for (float g : gradient) {
      if (g != 0) {
        return false;
      }
    }
    return true;
  }

  private static PipelineRecipe recipe(
      String student, boolean again, int microBatch, double koleo) {
    return RecipeFormat.parse(
        """
        name: memory
        stages:
          - kind: curate
          - kind: train
            name: train
            start:
              kind: fresh
              student: %s
              dino_head: {n_prototypes: 16, bottleneck_dim: 4, hidden_dim: 8}
              ibot_head: {n_prototypes: 12, bottleneck_dim: 4, hidden_dim: 8}
            steps: 6
            batch_size: %d
            losses: {koleo_loss_weight: %s}
            crops: {sizes: [{global: %d, local: %d, gram: 64}], local_crops_number: 2}
            memory: {activation_checkpointing: %s, micro_batch_size: %d}
        """
            .formatted(
                student,
                BATCH,
                koleo,
                student.contains("convnext") ? 64 : 16,
                student.contains("convnext") ? 32 : 8,
                again,
                microBatch));
  }

  private static Map<String, Double> trained(PipelineRecipe recipe) {
    try (Setup setup = new Setup(recipe, Precision.FP32)) {
      Map<String, Double> values = new LinkedHashMap<>();
      LoopTrainer<Batch, SslObjective.Shared> trainer =
          new LoopTrainer<>(
              setup.objective, setup.stage.optim(), new HealthGuard(setup.stage.health()), 0);
      trainer.run(
          1,
          metrics -> {
            values.putAll(metrics.values());
            return StepListener.Verdict.GO_ON;
          });
      return values;
    }
  }

  private static Step step(PipelineRecipe recipe, Precision precision) throws IOException {
    try (Setup setup = new Setup(recipe, precision);
        TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      SslObjective.Shared shared =
          setup.objective.prepare(
              scope, setup.batches.slot().assemble(0), Rates.at(setup.stage.optim(), 0));
      int parts = setup.objective.parts();
      Map<String, Double> losses = new LinkedHashMap<>();
      Map<String, float[]> gradients = new LinkedHashMap<>();
      for (int part = 0; part < parts; part++) {
        SslObjective.Shared own = parts == 1 ? shared : setup.objective.part(scope, shared, part);
        try (Gradients.Recording recording = Gradients.record()) {
          Loss loss =
              setup.objective.loss(scope, setup.learner, own, new Turn(0, part, StepClock.SILENT));
          NDList found = loss.gradients(scope, 1.0 / parts, setup.learner.parameters());
          loss.parts()
              .forEach((n, v) -> losses.merge(n, v.getFloat() / (double) parts, Double::sum));
          List<String> names = setup.names();
          for (int i = 0; i < names.size(); i++) {
            gradients.merge(names.get(i), found.get(i).toFloatArray(), MemoryTradesTest::plus);
          }
        }
      }
      return new Step(losses, gradients);
    }
  }

  private static float[] plus(float[] a, float[] b) {
    float[] sum = a.clone();
    for (int i = 0; i < sum.length; i++) {
      sum[i] += b[i];
    }
    return sum;
  }

  /** A learner whose layer scales let every block matter, and its objective. */
  private static final class Setup implements AutoCloseable {
    private final StageRecipe.Train stage;
    private final Learner learner;
    private final BatchAssembler<Batch> batches;
    private final SslObjective objective;

    Setup(PipelineRecipe recipe, Precision precision) {
      stage = recipe.stage("train", StageRecipe.Train.class);
      Backbone backbone = Backbones.of(recipe.architecture(stage).student());
      Head dino = Networks.head(backbone, recipe.architecture(stage).dinoHead());
      Head ibot = Networks.head(backbone, recipe.architecture(stage).ibotHead());
      learner = new Learner(TorchKernels.manager(), "");
      ParameterGroups groups = ParameterGroups.of(stage.optim());
      learner.add(Networks.BACKBONE, backbone.initialise(learner.manager(), 1), groups);
      learner.add(Networks.DINO_HEAD, dino.initialise(learner.manager(), 2), groups);
      learner.add(Networks.IBOT_HEAD, ibot.initialise(learner.manager(), 3), groups);
      learner.moduleNames().forEach(learner::average);
      batches =
          TestBatches.of(
              new BatchSpec(
                  1,
                  BATCH,
                  stage.crops(),
                  BatchSpec.GramCrops.MADE,
                  backbone.stride(),
                  stage.losses().maskSampleProbability(),
                  stage.losses().maskRatioMinMax()));
      objective =
          new SslObjective(
              stage,
              1,
              precision,
              backbone,
              learner,
              new SelfDistillation(stage.losses(), stage.crops().localCropsNumber(), dino, ibot),
              Optional.of(
                  new SslObjective.GramTeacher(
                      ComputeCopies.frozen(
                          learner.manager(), precision, backbone.initialise(learner.manager(), 5)),
                      new GramLossRecipe(Schedule.constant(1), true, true, false, false))),
              batches,
              GoldenTrajectory.noProbe(stage.crops()));
    }

    List<String> names() {
      List<String> names = new ArrayList<>();
      for (String module : learner.moduleNames()) {
        learner.weights(module).names().forEach(name -> names.add(module + "." + name));
      }
      return names;
    }

    @Override
    public void close() {
      objective.close();
    }
  }
}
