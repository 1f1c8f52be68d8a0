package io.dinoflow.model.train;

import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.BatchSource;
import io.dinoflow.model.data.Prefetcher;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.nn.Recomputation;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.train.SelfDistillation.Network;
import io.dinoflow.model.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Students that follow one frozen teacher and its heads (DINOv3, section 5.2). The teacher runs
 * once a batch, whatever the number of students; students see whole images, the masks only choose
 * the patches of the iBOT term; there is no Gram loss. What is kept and evaluated is each student's
 * moving average.
 */
final class DistillObjective implements Objective<Batch, DistillObjective.Shared> {
  private static final int DATA_WORKERS = 1;

  private final StageRecipe.Distill stage;
  private final long seed;
  private final Precision precision;
  private final Network teacher;
  private final List<Pupil> pupils;
  private final SelfDistillation teacherLosses;
  private final BatchAssembler<Batch> assembler;
  private final Map<String, StateDict> buffers = new LinkedHashMap<>();
  private long teacherForwards;

  /** A student with its structure, its losses and its probe. */
  record Pupil(Learner learner, Backbone backbone, SelfDistillation losses, Probe probe) {}

  /** What a step has in common: inputs and targets. */
  record Shared(CropTensors crops, Targets targets) {}

  DistillObjective(
      StageRecipe.Distill stage,
      long seed,
      Precision precision,
      Network teacher,
      SelfDistillation teacherLosses,
      List<Pupil> pupils,
      BatchAssembler<Batch> assembler) {
    this.stage = stage;
    this.seed = seed;
    this.precision = precision;
    this.teacher = teacher;
    this.teacherLosses = teacherLosses;
    this.pupils = List.copyOf(pupils);
    this.assembler = assembler;
    for (Pupil p : pupils) {
      buffers.put(p.learner().name(), p.backbone().buffers(p.learner().manager()));
    }
  }

  @Override
  public List<Learner> learners() {
    return pupils.stream().map(Pupil::learner).toList();
  }

  /** Forwards of the teacher so far; one a batch. */
  long teacherForwards() {
    return teacherForwards;
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
        CropTensors.of(scope, batch, teacher.backbone().stride(), stage.crops().localCropsNumber());
    teacherForwards++;
    return new Shared(crops, teacherLosses.targets(scope, teacher, crops, rates.teacherTemp()));
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
  public Loss loss(TensorScope scope, Learner learner, Shared shared, Turn turn) {
    Pupil pupil = pupil(learner);
    long step = turn.step();
    Optional<Recomputation> keeper = Recomputation.where(stage.memory().activationCheckpointing());
    return pupil
        .losses()
        .loss(
            scope,
            Networks.computed(scope, precision, pupil.backbone(), learner),
            shared.crops(),
            shared.targets(),
            Pass.globalCrops(seed, step).part(turn.part()).recomputed(keeper),
            Pass.localCrops(seed, step).part(turn.part()).recomputed(keeper),
            Optional.empty(),
            turn)
        .recomputed(keeper);
  }

  @Override
  public Map<String, Double> shared() {
    return Map.of("teacher_forwards", (double) teacherForwards);
  }

  @Override
  public void afterUpdate(TensorScope scope, Learner learner, Rates rates) {
    learner.updateAverages(scope, rates.momentum());
  }

  @Override
  public StateParts parts(Learner learner) {
    StateDict own = buffers.get(learner.name());
    if (own == null) {
      throw new IllegalArgumentException("no student \"" + learner.name() + "\"");
    }
    return Networks.parts(learner, own);
  }

  @Override
  public Map<String, Double> probe() {
    Map<String, Double> all = new LinkedHashMap<>();
    for (Pupil p : pupils) {
      p.probe()
          .measure(p.backbone(), p.learner().averaged(Networks.BACKBONE))
          .forEach((name, value) -> all.put(p.learner().name() + "." + name, value));
    }
    return all;
  }

  @Override
  public void close() {
    pupils.forEach(p -> p.learner().close());
    teacher.weights().close();
    teacher.dinoHead().close();
    teacher.ibotHead().close();
  }

  private Pupil pupil(Learner learner) {
    return pupils.stream()
        .filter(p -> p.learner() == learner)
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no student \"" + learner.name() + "\""));
  }
}
