package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.BatchSpec;
import io.dinoflow.model.data.TestBatches;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.recipe.GramTeacherRecipe.GramLossRecipe;
import io.dinoflow.model.recipe.LossRecipe;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.Schedule;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.StageRecipe.Distill;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.train.SelfDistillation.Network;
import io.dinoflow.model.weights.ComputeCopies;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Field;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps leave nothing behind in native memory: what lives after three steps lives after six. */
class NativeMemoryTest {
  private static final PipelineRecipe RECIPE =
      RecipeFormat.parse(
          """
          name: memory
          stages:
            - kind: curate
            - kind: train
              name: train
              start:
                kind: fresh
                student: {arch: vit, patch_size: 4, embed_dim: 16, depth: 2, num_heads: 2, drop_path_rate: 0.3}
                dino_head: {n_prototypes: 16, bottleneck_dim: 4, hidden_dim: 8}
                ibot_head: {n_prototypes: 12, bottleneck_dim: 4, hidden_dim: 8}
              steps: 6
              batch_size: 4
              crops: {sizes: [{global: 16, local: 8, gram: 24}], local_crops_number: 2}
            - kind: distill
              teacher: train
              groups:
                - students:
                  - {name: flat, student: {arch: vit, patch_size: 4, embed_dim: 8, depth: 1, num_heads: 2}}
                  - {name: convolved, student: {arch: convnext, depths: [1, 1, 1, 1], dims: [4, 4, 8, 8], drop_path_rate: 0.2}}
              steps: 6
              batch_size: 4
              crops: {sizes: [{global: 32, local: 32}], local_crops_number: 2}
          """);

  @BeforeEach
  void prepare() {
    TorchKernels.prepareThread(1);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void aTrainingStepLeavesNoNativeArraysBehind(Precision precision) throws Exception {
    StageRecipe.Train stage = RECIPE.stage("train", StageRecipe.Train.class);
    Backbone backbone = Backbones.of(RECIPE.architecture(stage).student());
    try (NDManager manager = TorchKernels.manager().newSubManager();
        Learner learner = learner("", manager, backbone, stage.optim())) {
      SslObjective.GramTeacher gram =
          new SslObjective.GramTeacher(
              ComputeCopies.frozen(manager, precision, backbone.initialise(manager, 5)),
              new GramLossRecipe(Schedule.constant(1), true, true, false, false));
      SslObjective objective =
          new SslObjective(
              stage,
              1,
              precision,
              backbone,
              learner,
              losses(stage.losses(), stage.crops().localCropsNumber(), backbone),
              Optional.of(gram),
              batches(stage.crops(), stage.losses(), BatchSpec.GramCrops.MADE),
              GoldenTrajectory.noProbe(stage.crops()));
      staysLevel(new LoopTrainer<>(objective, stage.optim(), new HealthGuard(stage.health()), 0));
    }
  }

  @Test
  void aDistillationStepLeavesNoNativeArraysBehind() throws Exception {
    Distill stage = RECIPE.stage("distill", Distill.class);
    Backbone teacher =
        Backbones.of(RECIPE.architecture(RECIPE.stage("train", StageRecipe.Train.class)).student());
    Backbone flat = student(stage, 0);
    Backbone convolved = student(stage, 1);
    try (NDManager manager = TorchKernels.manager().newSubManager();
        Learner one = learner("flat", manager, flat, stage.optim());
        Learner two = learner("convolved", manager, convolved, stage.optim())) {
      DistillObjective objective =
          new DistillObjective(
              stage,
              1,
              Precision.FP32,
              new Network(
                  teacher,
                  teacher.initialise(manager, 7),
                  head(teacher, Networks.DINO_HEAD).initialise(manager, 8),
                  head(teacher, Networks.IBOT_HEAD).initialise(manager, 9)),
              losses(stage.losses(), stage.crops().localCropsNumber(), teacher),
              List.of(pupil(one, flat, stage), pupil(two, convolved, stage)),
              batches(stage.crops(), stage.losses(), BatchSpec.GramCrops.NONE));
      staysLevel(new LoopTrainer<>(objective, stage.optim(), new HealthGuard(stage.health()), 0));
    }
  }

  private static DistillObjective.Pupil pupil(Learner learner, Backbone backbone, Distill stage) {
    return new DistillObjective.Pupil(
        learner,
        backbone,
        losses(stage.losses(), stage.crops().localCropsNumber(), backbone),
        GoldenTrajectory.noProbe(stage.crops()));
  }

  private static Backbone student(Distill stage, int index) {
    BackboneRecipe recipe = stage.groups().get(0).students().get(index).student();
    return Backbones.of(recipe);
  }

  private static void staysLevel(Trainer trainer) throws Exception {
    trainer.run(3, metrics -> StepListener.Verdict.GO_ON);
    trainer.copy().close();
    long afterThree = alive();
    assertThat(afterThree).isPositive();
    long buffersAfterThree = directBuffers();
    trainer.run(6, metrics -> StepListener.Verdict.GO_ON);
    assertThat(trainer.step()).isEqualTo(6);
    trainer.copy().close();
    assertThat(alive()).as("native arrays and managers after six steps").isEqualTo(afterThree);
    assertThat(directBuffers())
        .as("direct buffers, which only the garbage collector frees")
        .isLessThanOrEqualTo(buffersAfterThree);
  }

  private static long directBuffers() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getCount)
        .sum();
  }

  private static Head head(Backbone backbone, String name) {
    StageRecipe.Train train = RECIPE.stage("train", StageRecipe.Train.class);
    return Networks.head(
        backbone,
        name.equals(Networks.DINO_HEAD)
            ? RECIPE.architecture(train).dinoHead()
            : RECIPE.architecture(train).ibotHead());
  }

  private static SelfDistillation losses(LossRecipe recipe, int localCrops, Backbone backbone) {
    return new SelfDistillation(
        recipe, localCrops, head(backbone, Networks.DINO_HEAD), head(backbone, Networks.IBOT_HEAD));
  }

  private static Learner learner(
      String name, NDManager manager, Backbone backbone, OptimizerRecipe optim) {
    Learner learner = new Learner(manager, name);
    ParameterGroups groups = ParameterGroups.of(optim);
    learner.add(Networks.BACKBONE, backbone.initialise(learner.manager(), 1), groups);
    for (String head : List.of(Networks.DINO_HEAD, Networks.IBOT_HEAD)) {
      learner.add(head, head(backbone, head).initialise(learner.manager(), 2), groups);
    }
    learner.moduleNames().forEach(learner::average);
    return learner;
  }

  private static BatchAssembler<Batch> batches(
      CropRecipe crops, LossRecipe losses, BatchSpec.GramCrops gram) {
    return TestBatches.of(
        new BatchSpec(
            1, 4, crops, gram, 4, losses.maskSampleProbability(), losses.maskRatioMinMax()));
  }

  /** Native arrays and managers under the root that all others descend from. */
  private static long alive() throws ReflectiveOperationException {
    NDManager root = TorchKernels.manager();
    while (root.getParentManager() != null && root.getParentManager() != root) {
      root = root.getParentManager();
    }
    return alive(root);
  }

  private static long alive(NDManager manager) throws ReflectiveOperationException {
    Field resources = BaseNDManager.class.getDeclaredField("resources");
    resources.setAccessible(true);
    long count = 0;
    for (Object resource : ((Map<?, ?>) resources.get(manager)).values()) {
      count++;
      if (resource instanceof NDManager child) {
        count += alive(child);
      }
    }
    return count;
  }
}
