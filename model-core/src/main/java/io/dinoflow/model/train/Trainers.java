package io.dinoflow.model.train;

import ai.djl.ndarray.NDManager;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.BatchSpec;
import io.dinoflow.model.data.BatchSpec.GramCrops;
import io.dinoflow.model.data.Batches;
import io.dinoflow.model.data.CaptionBatch;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.recipe.GramTeacherRecipe;
import io.dinoflow.model.recipe.GramTeacherRecipe.GramLossRecipe;
import io.dinoflow.model.recipe.HealthRecipe;
import io.dinoflow.model.recipe.LossRecipe;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.StudentRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.Seeds;
import io.dinoflow.model.text.Towers;
import io.dinoflow.model.weights.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Makes the trainer of a stage. */
public final class Trainers {
  private Trainers() {}

  /** Pre-training, Gram anchoring or resolution scaling: a Train stage. */
  public static Trainer ssl(TrainJob job) {
    return ssl(job, UnaryOperator.identity());
  }

  /**
   * The same on other batches than the job's own.
   *
   * @param batches makes them of the job's
   */
  public static Trainer ssl(TrainJob job, UnaryOperator<BatchAssembler<Batch>> batches) {
    StageRecipe.Train stage = job.recipe().stage(job.stage(), StageRecipe.Train.class);
    Start.Fresh architecture = job.recipe().architecture(stage);
    TorchKernels.prepareThread(job.recipe().compute());
    long seed = seed(job);
    Backbone backbone = Backbones.of(architecture.student());
    Head dinoHead = Networks.head(backbone, architecture.dinoHead());
    Head ibotHead = Networks.head(backbone, architecture.ibotHead());
    Learner learner =
        learner(TorchKernels.manager(), "", backbone, dinoHead, ibotHead, stage.optim(), seed);
    Optional<SslObjective.GramTeacher> gram =
        gramLoss(stage.gram())
            .map(
                loss ->
                    new SslObjective.GramTeacher(
                        Networks.frozenBackboneOf(
                            learner.manager(),
                            Precision.of(job.recipe().compute().precision()),
                            job.gramTeacher()
                                .orElseThrow(
                                    () ->
                                        new IllegalArgumentException(
                                            "stage \"%s\" has a Gram loss but was given no Gram teacher"
                                                .formatted(stage.name())))
                                .resolve(Networks.TEACHER_FILE),
                            backbone),
                        loss));
    SslObjective objective =
        new SslObjective(
            stage,
            seed,
            Precision.of(job.recipe().compute().precision()),
            backbone,
            learner,
            new SelfDistillation(
                stage.losses(), stage.crops().localCropsNumber(), dinoHead, ibotHead),
            gram,
            batches.apply(
                assembler(
                    job,
                    seed,
                    stage.batchSize(),
                    stage.crops(),
                    gram.isPresent() ? GramCrops.MADE : GramCrops.NONE,
                    backbone.stride(),
                    stage.losses(),
                    stage.health())),
            Probe.of(job.dataset(), job.recipe().seed(), stage.crops()));
    if (job.resume().isEmpty()) {
      begin(objective, learner, stage.start(), job);
    }
    return resumed(objective, stage.optim(), stage.health(), job);
  }

  /** All students of one group of a Distill stage. */
  public static Trainer distill(TrainJob job) {
    StageRecipe.Distill stage = job.recipe().stage(job.stage(), StageRecipe.Distill.class);
    StageRecipe.Distill.Group group =
        stage.groups().stream()
            .filter(g -> g.name().equals(job.group()))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no group \"" + job.group() + "\""));
    Start.Fresh architecture =
        job.recipe().architecture(job.recipe().stage(stage.teacher(), StageRecipe.Train.class));
    TorchKernels.prepareThread(job.recipe().compute());
    long seed = seed(job);
    NDManager manager = TorchKernels.manager();
    Backbone teacherBackbone = Backbones.of(architecture.student());
    SelfDistillation.Network teacher =
        Networks.teacherOf(
            manager,
            Precision.of(job.recipe().compute().precision()),
            job.origin()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "stage \"%s\" was given no teacher".formatted(stage.name()))),
            teacherBackbone);
    List<DistillObjective.Pupil> pupils = new ArrayList<>();
    for (StudentRecipe student : group.students()) {
      pupils.add(
          pupil(
              student,
              stage,
              architecture,
              manager,
              seed,
              Probe.of(job.dataset(), job.recipe().seed(), stage.crops())));
    }
    DistillObjective objective =
        new DistillObjective(
            stage,
            seed,
            Precision.of(job.recipe().compute().precision()),
            teacher,
            new SelfDistillation(
                stage.losses(),
                stage.crops().localCropsNumber(),
                Networks.head(teacherBackbone, architecture.dinoHead()),
                Networks.head(teacherBackbone, architecture.ibotHead())),
            pupils,
            assembler(
                job,
                seed,
                stage.batchSize(),
                stage.crops(),
                GramCrops.NONE,
                teacherBackbone.stride(),
                stage.losses(),
                stage.health()));
    return resumed(objective, stage.optim(), stage.health(), job);
  }

  /** An AlignText stage. */
  public static Trainer align(TrainJob job) {
    StageRecipe.AlignText stage = job.recipe().stage(job.stage(), StageRecipe.AlignText.class);
    Path vision =
        job.origin()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "stage \"%s\" was given no vision tower".formatted(stage.name())));
    TorchKernels.prepareThread(job.recipe().compute());
    Towers towers = Towers.of(job.recipe(), stage);
    Normalisation normalisation = Normalisation.of(job.recipe().visionTower(stage));
    long seed = seed(job);
    BatchAssembler<CaptionBatch> assembler =
        Batches.reordered(
            Batches.captioned(
                job.dataset(), seed, stage.batchSize(), stage.imageSize(), normalisation),
            stage.health()::batchOf);
    CaptionProbe probe =
        CaptionProbe.of(
            job.dataset(),
            job.recipe().seed(),
            EvalTransform.square(stage.imageSize(), normalisation));
    Learner learner = alignLearner(TorchKernels.manager(), towers, seed);
    AlignObjective objective =
        new AlignObjective(
            Precision.of(job.recipe().compute().precision()),
            towers,
            Networks.backboneOf(
                learner.manager(), vision.resolve(Networks.TEACHER_FILE), towers.backbone()),
            learner,
            assembler,
            probe);
    return resumed(objective, stage.optim(), stage.health(), job);
  }

  private static Trainer resumed(
      Objective<?, ?> objective, OptimizerRecipe optim, HealthRecipe health, TrainJob job) {
    Trainer trainer = new LoopTrainer<>(objective, optim, new HealthGuard(health), job.step());
    trainer.restore(job.resume());
    return trainer;
  }

  /** Both towers' trained parts and the logit scale, fresh; there is no moving average. */
  private static Learner alignLearner(NDManager manager, Towers towers, long seed) {
    Learner learner = new Learner(manager, "");
    Map<String, List<ParameterSpec>> modules = new LinkedHashMap<>();
    modules.put(AlignObjective.VISION, towers.head().parameters());
    modules.put(AlignObjective.TEXT, towers.text().parameters());
    modules.put(AlignObjective.LOGIT_SCALE, List.of(AlignObjective.logitScale()));
    modules.forEach(
        (module, specs) -> {
          StateDict weights =
              ParameterSpec.initialise(
                  specs, learner.manager(), seed ^ SeededRandom.coordinate(module));
          learner.add(module, weights, ParameterGroups.byRank(weights));
        });
    return learner;
  }

  private static DistillObjective.Pupil pupil(
      StudentRecipe student,
      StageRecipe.Distill stage,
      Start.Fresh architecture,
      NDManager manager,
      long seed,
      Probe probe) {
    Backbone backbone = Backbones.of(student.student());
    Head dinoHead = Networks.head(backbone, architecture.dinoHead());
    Head ibotHead = Networks.head(backbone, architecture.ibotHead());
    long own = Seeds.ofStudent(seed, student.name());
    Learner learner =
        learner(manager, student.name(), backbone, dinoHead, ibotHead, stage.optim(), own);
    return new DistillObjective.Pupil(
        learner,
        backbone,
        new SelfDistillation(stage.losses(), stage.crops().localCropsNumber(), dinoHead, ibotHead),
        probe);
  }

  /** A student with fresh weights, its heads, its moments and its moving average. */
  private static Learner learner(
      NDManager manager,
      String name,
      Backbone backbone,
      Head dinoHead,
      Head ibotHead,
      OptimizerRecipe optim,
      long seed) {
    Learner learner = new Learner(manager, name);
    ParameterGroups groups = ParameterGroups.of(optim);
    learner.add(Networks.BACKBONE, backbone.initialise(learner.manager(), seed), groups);
    learner.add(
        Networks.DINO_HEAD,
        dinoHead.initialise(learner.manager(), seed ^ SeededRandom.coordinate(Networks.DINO_HEAD)),
        groups);
    learner.add(
        Networks.IBOT_HEAD,
        ibotHead.initialise(learner.manager(), seed ^ SeededRandom.coordinate(Networks.IBOT_HEAD)),
        groups);
    learner.moduleNames().forEach(learner::average);
    return learner;
  }

  /** Where a track begins that has no checkpoint of its own. */
  private static void begin(SslObjective objective, Learner learner, Start start, TrainJob job) {
    start.match(
        new Start.Cases<Void>() {
          @Override
          @SuppressWarnings("NullAway")
          public Void fresh(Start.Fresh fresh) {
            return null;
          }

          @Override
          @SuppressWarnings("NullAway")
          public Void resume(Start.Continue from) {
            // The guard's statistics stay behind: this stage may have other losses.
            objective.parts(learner).read(origin(job));
            return null;
          }

          @Override
          @SuppressWarnings("NullAway")
          public Void fromTeacher(Start.FromTeacher from) {
            if (job.recipe().stage(from.from()).orElseThrow() instanceof StageRecipe.Import) {
              Networks.beginFromBackbone(learner, origin(job));
            } else {
              Networks.beginFromTeacher(learner, origin(job));
            }
            return null;
          }

          @Override
          @SuppressWarnings("NullAway")
          public Void fromCheckpoint(Start.FromCheckpoint from) {
            Networks.beginFromTeacher(learner, origin(job));
            return null;
          }
        });
  }

  private static Path origin(TrainJob job) {
    return job.origin()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "stage \"%s\" starts from another but was given no checkpoint"
                        .formatted(job.stage())));
  }

  private static Optional<GramLossRecipe> gramLoss(GramTeacherRecipe gram) {
    return gram.match(
        new GramTeacherRecipe.Cases<>() {
          @Override
          public Optional<GramLossRecipe> none() {
            return Optional.empty();
          }

          @Override
          public Optional<GramLossRecipe> fromCheckpoint(GramTeacherRecipe.FromCheckpoint from) {
            return Optional.of(from.loss());
          }

          @Override
          public Optional<GramLossRecipe> refreshedEvery(GramTeacherRecipe.RefreshedEvery every) {
            return Optional.of(every.loss());
          }
        });
  }

  private static BatchAssembler<Batch> assembler(
      TrainJob job,
      long seed,
      int batchSize,
      CropRecipe crops,
      GramCrops gramCrops,
      int patchSize,
      LossRecipe losses,
      HealthRecipe health) {
    return Batches.reordered(
        Batches.multiCrop(
            job.dataset(),
            new BatchSpec(
                seed,
                batchSize,
                crops,
                gramCrops,
                patchSize,
                losses.maskSampleProbability(),
                losses.maskRatioMinMax())),
        health::batchOf);
  }

  private static long seed(TrainJob job) {
    return Seeds.ofStage(job.recipe().seed(), job.stage());
  }
}
