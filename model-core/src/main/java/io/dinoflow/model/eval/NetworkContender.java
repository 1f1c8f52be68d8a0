package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.Prefetcher;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.kernel.KernelArchive;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A backbone's features, made once and kept in a file. While one batch runs through the network the
 * next is decoded.
 */
final class NetworkContender implements Contender {
  private static final int BATCH = 64;

  /** Batches after which the file is forced to disk. */
  private static final int BLOCK_BATCHES = 8;

  private final EvaluationReport.Subject subject;
  private final Network network;
  private final Population population;
  private final SampleImages images;
  private final int side;
  private final Path cache;
  private final EvaluationListener listener;

  NetworkContender(
      EvaluationReport.Subject subject,
      Network network,
      Population population,
      SampleImages images,
      int side,
      Path cache,
      EvaluationListener listener) {
    this.subject = subject;
    this.network = network;
    this.population = population;
    this.images = images;
    this.side = side;
    this.cache = cache;
    this.listener = listener;
  }

  @Override
  public EvaluationReport.Subject subject() {
    return subject;
  }

  @Override
  public Optional<Network> network() {
    return Optional.of(network);
  }

  @Override
  public NDArray neighbours(TensorScope scope) throws IOException {
    return Tensors.tokens(scope, probe(scope), 0, network.backbone().features());
  }

  @Override
  public NDArray probe(TensorScope scope) throws IOException {
    int wanted = population.samples().size();
    Path path = cache.resolve(fileName());
    try (FeatureFile file = FeatureFile.open(path, 2 * network.backbone().features())) {
      if (file.rows() < wanted) {
        extract(scope, file, file.rows() / BATCH);
      }
      return file.read(scope, wanted);
    }
  }

  private void extract(TensorScope parent, FeatureFile file, int firstBatch) throws IOException {
    List<Sample> samples = population.samples();
    EvalTransform transform = EvalTransform.square(side, network.normalisation());
    EvalBatches batches = new EvalBatches(samples, images, transform, BATCH);
    String phase = "embedding " + subject.name();
    try (TensorScope scope = parent.nested();
        Prefetcher<EvalBatches.Pixels> ahead = Prefetcher.from(batches, firstBatch, 1)) {
      StateDict weights = network.weights(scope);
      int done = firstBatch * BATCH;
      listener.advanced(phase, done, samples.size());
      while (done < samples.size()) {
        EvalBatches.Pixels batch = ahead.next();
        try (TensorScope step = scope.nested()) {
          NDArray pixels_B3SS =
              step.create(
                  batch.pixels_B3SS().duplicate().clear().limit(batch.count() * 3 * side * side),
                  new Shape(batch.count(), 3, side, side));
          Features seen = network.forward(step, weights, pixels_B3SS);
          file.write(done, Tensors.clsAndMeanPatch(step, seen.cls_BD(), seen.patches_BND()));
        }
        done += batch.count();
        if (done % (BATCH * BLOCK_BATCHES) == 0) {
          file.force();
        }
        listener.advanced(phase, done, samples.size());
      }
      file.force();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** Differs wherever the rows may. */
  private String fileName() {
    String all =
        String.join(
            "\n",
            network.identity().hex(),
            population.digest().hex(),
            KernelArchive.digest().hex(),
            network.precision().name(),
            TorchKernels.device().toString(),
            "" + side);
    return Sha256.ofText(all).hex() + ".f32";
  }
}
