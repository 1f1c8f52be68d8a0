package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The pixels themselves: what is known without any network. Pictures are made no larger than {@link
 * #SIDE_MAX}: a network has to beat colours and coarse shapes, and finer pixels make a nearest
 * neighbour no better, only dearer.
 */
final class PixelContender implements Contender {
  static final String NAME = "raw pixels";
  static final int SIDE_MAX = 64;

  private static final int BLOCK = 256;

  private final Population population;
  private final SampleImages images;
  private final EvalTransform transform;
  private final EvaluationListener listener;

  PixelContender(
      Population population,
      SampleImages images,
      int side,
      Normalisation normalisation,
      EvaluationListener listener) {
    this.population = population;
    this.images = images;
    this.transform = EvalTransform.square(Math.min(side, SIDE_MAX), normalisation);
    this.listener = listener;
  }

  @Override
  public EvaluationReport.Subject subject() {
    return new EvaluationReport.Subject(
        NAME, EvaluationReport.Subject.Kind.BASELINE, Optional.empty());
  }

  @Override
  public Optional<Network> network() {
    return Optional.empty();
  }

  @Override
  public Rows features(TensorScope scope) throws IOException {
    List<Sample> samples = population.samples();
    int values = 3 * transform.side() * transform.side();
    NDArray rows_NF = scope.manager().zeros(new Shape(samples.size(), values));
    for (int from = 0; from < samples.size(); from += BLOCK) {
      int to = Math.min(samples.size(), from + BLOCK);
      float[] block = new float[(to - from) * values];
      for (int i = from; i < to; i++) {
        float[] pixels = transform.apply(EvalBatches.read(images, samples.get(i)));
        System.arraycopy(pixels, 0, block, (i - from) * values, values);
      }
      try (TensorScope inner = scope.nested()) {
        Tensors.copy(
            Tensors.rows(inner, rows_NF, from, to),
            inner.manager().create(block, new Shape(to - from, values)));
      }
      listener.advanced("reading pixels", to, samples.size());
    }
    return new Rows(rows_NF, rows_NF);
  }
}
