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
 * The pixels themselves: what is known without any network, as neighbours see pictures of the
 * evaluation's size and linear probes smaller ones. Finer pixels only cost: on 1,911 emoji, 32
 * pixels a side in place of 64 changed neighbours by 0.2 and the probe by 0.5 points of top-1,
 * against standard errors of 1, and the probe's time to a third.
 */
final class PixelContender implements Contender {
  static final String NAME = "raw pixels";

  private static final int NEIGHBOUR_SIDE_MAX = 64;
  private static final int PROBE_SIDE_MAX = 32;
  private static final int BLOCK = 256;

  private final Population population;
  private final SampleImages images;
  private final int side;
  private final Normalisation normalisation;
  private final EvaluationListener listener;

  PixelContender(
      Population population,
      SampleImages images,
      int side,
      Normalisation normalisation,
      EvaluationListener listener) {
    this.population = population;
    this.images = images;
    this.side = side;
    this.normalisation = normalisation;
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
  public NDArray neighbours(TensorScope scope) throws IOException {
    return pixels(scope, Math.min(side, NEIGHBOUR_SIDE_MAX));
  }

  @Override
  public NDArray probe(TensorScope scope) throws IOException {
    return pixels(scope, Math.min(side, PROBE_SIDE_MAX));
  }

  private NDArray pixels(TensorScope scope, int seen) throws IOException {
    EvalTransform transform = EvalTransform.square(seen, normalisation);
    List<Sample> samples = population.samples();
    int values = 3 * seen * seen;
    NDArray rows_NF = scope.manager().zeros(new Shape(samples.size(), values));
    for (int from = 0; from < samples.size(); from += BLOCK) {
      listener.advanced("reading pixels", from, samples.size());
      int to = Math.min(samples.size(), from + BLOCK);
      float[] block = new float[(to - from) * values];
      for (int i = from; i < to; i++) {
        float[] pixels = transform.apply(EvalBatches.read(images, samples.get(i)));
        System.arraycopy(pixels, 0, block, (i - from) * values, values);
      }
      try (TensorScope inner = scope.nested()) {
        Tensors.copy(
            Tensors.rows(inner, rows_NF, from, to),
            inner.create(block, new Shape(to - from, values)));
      }
    }
    return rows_NF;
  }
}
