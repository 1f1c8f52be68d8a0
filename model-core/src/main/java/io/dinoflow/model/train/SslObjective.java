package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.BatchSource;
import io.dinoflow.model.data.Prefetcher;
import io.dinoflow.model.kernel.Resize;
import io.dinoflow.model.loss.GramLoss;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.nn.Recomputation;
import io.dinoflow.model.recipe.GramTeacherRecipe.GramLossRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.train.SelfDistillation.Network;
import io.dinoflow.model.weights.ComputeCopies;
import io.dinoflow.model.weights.StateDict;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Self-supervised training (DINOv3, sections 3 and 4): the student sees masked global and local
 * crops, the EMA teacher the same global crops unmasked, and a Gram teacher, where there is one,
 * larger undistorted ones.
 */
final class SslObjective implements Objective<Batch, SslObjective.Shared> {
  private static final int DATA_WORKERS = 1;

  private final StageRecipe.Train stage;
  private final long seed;
  private final Precision precision;
  private final Backbone backbone;
  private final StateDict buffers;
  private final Learner learner;
  private final SelfDistillation distillation;
  private final Optional<GramTeacher> gramTeacher;
  private final BatchAssembler<Batch> assembler;
  private final Probe probe;

  /**
   * A frozen backbone whose patch similarities the student keeps.
   *
   * @param weights as a forward reads them; the objective frees them
   */
  record GramTeacher(StateDict weights, GramLossRecipe loss) {}

  /** What a step has in common: inputs and targets. */
  record Shared(CropTensors crops, Targets targets) {}

  SslObjective(
      StageRecipe.Train stage,
      long seed,
      Precision precision,
      Backbone backbone,
      Learner learner,
      SelfDistillation distillation,
      Optional<GramTeacher> gramTeacher,
      BatchAssembler<Batch> assembler,
      Probe probe) {
    this.stage = stage;
    this.seed = seed;
    this.precision = precision;
    this.backbone = backbone;
    this.buffers = backbone.buffers(learner.manager());
    this.learner = learner;
    this.distillation = distillation;
    this.gramTeacher = gramTeacher;
    this.assembler = assembler;
    this.probe = probe;
  }

  @Override
  public List<Learner> learners() {
    return List.of(learner);
  }

  @Override
  public BatchSource<Batch> batches(long firstStep) {
    return Prefetcher.from(assembler, firstStep, DATA_WORKERS);
  }

  @Override
  public int pictures(Batch batch) {
    return batch.pictures();
  }

  @Override
  public Shared prepare(TensorScope scope, Batch batch, Rates rates) {
    CropTensors crops =
        CropTensors.of(scope, batch, backbone.stride(), stage.crops().localCropsNumber());
    Targets targets;
    try (TensorScope inner = scope.nested()) {
      Network teacher =
          new Network(
              backbone,
              ComputeCopies.of(inner, precision, learner.averaged(Networks.BACKBONE)),
              ComputeCopies.of(inner, precision, learner.averaged(Networks.DINO_HEAD)),
              ComputeCopies.of(inner, precision, learner.averaged(Networks.IBOT_HEAD)));
      targets = distillation.targets(scope, teacher, crops, rates.teacherTemp());
    }
    return new Shared(
        crops,
        new Targets(
            targets.cls_2BK(),
            targets.patches_MK(),
            gramTeacher.map(teacher -> gramTarget(scope, teacher, crops))));
  }

  @Override
  public int parts() {
    return stage.batchSize() / stage.memory().microBatch(stage.batchSize());
  }

  @Override
  public Shared part(TensorScope scope, Shared shared, int part) {
    Share share = Share.of(stage.batchSize(), parts(), part);
    return new Shared(
        shared.crops().part(scope, share), shared.targets().part(scope, share, shared.crops()));
  }

  @Override
  public Loss loss(TensorScope scope, Learner student, Shared shared, Turn turn) {
    long step = turn.step();
    Optional<Recomputation> keeper = Recomputation.where(stage.memory().activationCheckpointing());
    return distillation
        .loss(
            scope,
            Networks.computed(scope, precision, backbone, student),
            shared.crops(),
            shared.targets(),
            Pass.globalCrops(seed, step)
                .part(turn.part())
                .masked(shared.crops().masks_2BN())
                .recomputed(keeper),
            Pass.localCrops(seed, step).part(turn.part()).recomputed(keeper),
            gramTeacher.map(
                t ->
                    new SelfDistillation.GramTerm(
                        new GramLoss(
                            t.loss().normalized(),
                            t.loss().imgLevel(),
                            t.loss().removeNeg(),
                            t.loss().removeOnlyTeacherNeg()),
                        t.loss().weight().at(step))),
            turn)
        .recomputed(keeper);
  }

  @Override
  public void afterUpdate(TensorScope scope, Learner student, Rates rates) {
    student.updateAverages(scope, rates.momentum());
  }

  @Override
  public StateParts parts(Learner student) {
    return Networks.parts(student, buffers);
  }

  @Override
  public Map<String, Double> probe() {
    return probe.measure(backbone, learner.averaged(Networks.BACKBONE));
  }

  @Override
  public void close() {
    gramTeacher.ifPresent(t -> t.weights().close());
    learner.close();
  }

  /** Patch features of the larger crops, brought to the student's grid after the final norm. */
  private NDArray gramTarget(TensorScope scope, GramTeacher teacher, CropTensors crops) {
    NDArray images =
        crops
            .gram_2B3HW()
            .orElseThrow(() -> new IllegalStateException("the batch has no Gram crops"));
    try (TensorScope inner = scope.nested()) {
      Features features = backbone.forward(inner, teacher.weights(), images, Pass.eval());
      int side = (int) (images.getShape().get(2) / backbone.stride());
      return scope.adopt(
          Resize.bicubic(inner, features.patches_BND(), side, side, crops.grid(), crops.grid()));
    }
  }
}
