package io.dinoflow.model.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.BatchSource;
import io.dinoflow.model.data.CaptionBatch;
import io.dinoflow.model.data.Prefetcher;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.loss.ContrastiveLoss;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.nn.VisionHead;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.text.Towers;
import io.dinoflow.model.weights.ComputeCopies;
import io.dinoflow.model.weights.StateDict;
import java.util.List;
import java.util.Map;

/**
 * Text alignment in the way of dino.txt (DINOv3, section 5.3): blocks on a frozen vision tower and
 * a text tower from scratch learn to give a picture and its caption the same direction.
 *
 * <p>The frozen tower runs without gradients, and each distinct caption of a batch is encoded once.
 */
final class AlignObjective implements Objective<CaptionBatch, AlignObjective.Shared> {
  static final String VISION = "vision";
  static final String TEXT = "text";
  static final String LOGIT_SCALE = "logit_scale";

  private static final int DATA_WORKERS = 1;
  private static final double LOGIT_SCALE_MAX = Math.log(100);

  private final Precision precision;
  private final Towers towers;
  private final StateDict frozen;
  private final Learner learner;
  private final BatchAssembler<CaptionBatch> assembler;
  private final CaptionProbe probe;

  /** What a step has in common: the frozen tower's tokens and the captions' ids. */
  record Shared(VisionHead.Tokens vision, Towers.Captions captions) {}

  AlignObjective(
      Precision precision,
      Towers towers,
      StateDict frozen,
      Learner learner,
      BatchAssembler<CaptionBatch> assembler,
      CaptionProbe probe) {
    this.precision = precision;
    this.towers = towers;
    this.frozen = frozen;
    this.learner = learner;
    this.assembler = assembler;
    this.probe = probe;
  }

  /** The learned factor on similarities, kept as its logarithm; it begins at 1 / 0.07. */
  static ParameterSpec logitScale() {
    return ParameterSpec.constant(LOGIT_SCALE, Math.log(1 / 0.07), 1);
  }

  @Override
  public List<Learner> learners() {
    return List.of(learner);
  }

  @Override
  public BatchSource<CaptionBatch> batches(long firstStep) {
    return Prefetcher.from(assembler, firstStep, DATA_WORKERS);
  }

  @Override
  public int pictures(CaptionBatch batch) {
    return batch.samples().size();
  }

  @Override
  public Shared prepare(TensorScope scope, CaptionBatch batch, Rates rates) {
    try (TensorScope inner = scope.nested()) {
      NDArray images =
          inner.create(batch.images(), new Shape(pictures(batch), 3, towers.side(), towers.side()));
      StateDict tower = ComputeCopies.of(inner, precision, frozen);
      return new Shared(towers.see(scope, tower, images), towers.tokenise(batch.captions()));
    }
  }

  @Override
  public Loss loss(TensorScope scope, Learner student, Shared shared, Turn turn) {
    NDArray image_BE =
        towers.pictures(
            scope, ComputeCopies.of(scope, precision, student.weights(VISION)), shared.vision());
    Towers.Captions captions = shared.captions();
    NDArray text_BE =
        towers.texts(
            scope,
            ComputeCopies.of(scope, precision, student.weights(TEXT)),
            captions.distinct_UL());
    if (!captions.allDistinct()) {
      text_BE = Tensors.pickRows(scope, text_BE, scope.create(captions.rows()));
    }
    turn.clock().enter(Phase.LOSSES);
    return new Loss(ContrastiveLoss.of(scope, image_BE, text_BE, logScale(student)), Map.of());
  }

  @Override
  public void afterUpdate(TensorScope scope, Learner student, Rates rates) {
    Tensors.clamp(scope, logScale(student), 0, LOGIT_SCALE_MAX);
  }

  @Override
  public Map<String, Double> shared() {
    return Map.of(LOGIT_SCALE, Math.exp(HostMemory.number(logScale(learner))));
  }

  @Override
  public StateParts parts(Learner student) {
    return new StateParts()
        .put(Networks.STUDENT_FILE, Towers.VISION_PREFIX, student.weights(VISION))
        .put(Networks.STUDENT_FILE, Towers.TEXT_PREFIX, student.weights(TEXT))
        .put(Networks.STUDENT_FILE, "", student.weights(LOGIT_SCALE))
        .putMoments(student);
  }

  @Override
  public Map<String, Double> probe() {
    return probe.measure(
        towers, new Towers.Weights(frozen, learner.weights(VISION), learner.weights(TEXT)));
  }

  @Override
  public void close() {
    frozen.close();
    learner.close();
  }

  private static NDArray logScale(Learner student) {
    return student.weights(LOGIT_SCALE).tensor(LOGIT_SCALE);
  }
}
