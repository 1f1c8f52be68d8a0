package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.data.EvalTransform;
import io.dinoflow.model.data.Normalisation;
import io.dinoflow.model.data.Prefetcher;
import io.dinoflow.model.data.SampleImages;
import io.dinoflow.model.eval.EvaluationReport.Hit;
import io.dinoflow.model.eval.EvaluationReport.Query;
import io.dinoflow.model.eval.EvaluationReport.TextRetrieval;
import io.dinoflow.model.kernel.HostMemory;
import io.dinoflow.model.kernel.Neighbours;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Captions find pictures and pictures find captions among the base pictures that have a caption.
 * Every picture with the query's caption is a hit. Recall is set against chance, measured by
 * permuting captions.
 *
 * <p>The grid shows a seeded draw of captions, hits and misses as they come, so that it is typical.
 */
final class Retrieval implements Evaluator {
  private static final int DEPTH = 10;
  private static final int BATCH = 64;
  private static final int GRID_CAPTIONS = 5;
  private static final int GRID_PICTURES = 5;

  /** Similarities held at once: 64 MiB. */
  private static final long BLOCK_FLOATS = 16L << 20;

  private final List<Sample> samples;
  private final SampleImages images;
  private final Supplier<JointSpace> towers;
  private final Normalisation normalisation;
  private final long seed;
  private final Path output;
  private final EvaluationListener listener;

  /**
   * @param normalisation of the vision stage
   */
  Retrieval(
      Population population,
      SampleImages images,
      Supplier<JointSpace> towers,
      Normalisation normalisation,
      long seed,
      Path output,
      EvaluationListener listener) {
    this.samples = population.samples().stream().filter(s -> !s.caption().isBlank()).toList();
    this.images = images;
    this.towers = towers;
    this.normalisation = normalisation;
    this.seed = seed;
    this.output = output;
    this.listener = listener;
  }

  /** Rows found for each query, best first. */
  record Ranking(long[][] rows, float[][] similarities) {}

  @Override
  public void evaluate(List<Contender> contenders, Findings findings) throws IOException {
    Map<String, Integer> captions = new LinkedHashMap<>();
    samples.forEach(s -> captions.putIfAbsent(s.caption(), captions.size()));
    if (captions.size() < 2) {
      return;
    }
    List<String> texts = List.copyOf(captions.keySet());
    int[] captionOf =
        samples.stream().mapToInt(s -> captions.getOrDefault(s.caption(), -1)).toArray();
    try (JointSpace open = towers.get()) {
      float[][] pictures = embedPictures(open);
      float[][] words = embedTexts(open, texts);
      Ranking ofTexts = rank(words, pictures, DEPTH);
      Ranking ofPictures = rank(pictures, words, DEPTH);
      Recalls recalls = new Recalls(ofTexts.rows(), ofPictures.rows(), captionOf);
      EvalTransform transform = EvalTransform.square(open.side(), normalisation);
      findings.retrieval(new TextRetrieval(recalls.metrics(seed), grid(texts, ofTexts, transform)));
    }
  }

  private float[][] embedPictures(JointSpace open) throws IOException {
    EvalTransform transform = EvalTransform.square(open.side(), normalisation);
    EvalBatches batches = new EvalBatches(samples, images, transform, BATCH);
    List<float[]> all = new ArrayList<>();
    try (Prefetcher<EvalBatches.Pixels> ahead = Prefetcher.from(batches, 0, 1)) {
      while (all.size() < samples.size()) {
        listener.advanced("embedding pictures", all.size(), samples.size());
        EvalBatches.Pixels batch = ahead.next();
        FloatBuffer pixels = batch.pixels_B3SS();
        all.addAll(Arrays.asList(open.images(pixels, batch.count())));
      }
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
    return all.toArray(new float[0][]);
  }

  private float[][] embedTexts(JointSpace open, List<String> texts) {
    List<float[]> all = new ArrayList<>();
    while (all.size() < texts.size()) {
      listener.advanced("embedding captions", all.size(), texts.size());
      int to = Math.min(texts.size(), all.size() + BATCH);
      all.addAll(Arrays.asList(open.texts(texts.subList(all.size(), to))));
    }
    return all.toArray(new float[0][]);
  }

  /** The {@code depth} rows of the bank most similar to each query, exactly, in blocks. */
  static Ranking rank(float[][] queries, float[][] bank, int depth) {
    int k = Math.min(depth, bank.length);
    long[][] rows = new long[queries.length][];
    float[][] similarities = new float[queries.length][];
    int block = (int) Math.max(1, Math.min(queries.length, BLOCK_FLOATS / bank.length));
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray bank_MD = matrix(scope, bank, 0, bank.length);
      for (int from = 0; from < queries.length; from += block) {
        int to = Math.min(queries.length, from + block);
        try (TensorScope inner = scope.nested()) {
          Neighbours.Found found =
              Neighbours.nearest(inner, matrix(inner, queries, from, to), bank_MD, k);
          long[] index = HostMemory.longs(found.index_QK());
          float[] similarity = HostMemory.floats(found.similarity_QK());
          for (int i = from; i < to; i++) {
            rows[i] = Arrays.copyOfRange(index, (i - from) * k, (i - from + 1) * k);
            similarities[i] = Arrays.copyOfRange(similarity, (i - from) * k, (i - from + 1) * k);
          }
        }
      }
    }
    return new Ranking(rows, similarities);
  }

  private static NDArray matrix(TensorScope scope, float[][] vectors, int from, int to) {
    int dim = vectors[0].length;
    float[] all = new float[(to - from) * dim];
    for (int i = from; i < to; i++) {
      System.arraycopy(vectors[i], 0, all, (i - from) * dim, dim);
    }
    return scope.create(all, new Shape(to - from, dim));
  }

  private List<Query> grid(List<String> texts, Ranking ranking, EvalTransform transform)
      throws IOException {
    int[] order = SeededRandom.of(seed, Purpose.SAMPLE, 2).permutation(texts.size());
    List<Query> grid = new ArrayList<>();
    for (int caption : Arrays.stream(order).limit(GRID_CAPTIONS).toArray()) {
      List<Hit> hits = new ArrayList<>();
      long[] rows = ranking.rows()[caption];
      for (int rank = 0; rank < Math.min(GRID_PICTURES, rows.length); rank++) {
        Sample found = samples.get((int) rows[rank]);
        String name = "retrieval-%d-%d.png".formatted(grid.size() + 1, rank + 1);
        Png.write(transform.pixels(EvalBatches.read(images, found)), output, name);
        hits.add(
            new Hit(
                found.key(),
                found.caption(),
                name,
                ranking.similarities()[caption][rank],
                found.caption().equals(texts.get(caption))));
      }
      grid.add(new Query(texts.get(caption), hits));
    }
    return grid;
  }
}
