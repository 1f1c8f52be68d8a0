package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.eval.Population.Labelled;
import io.dinoflow.model.kernel.Neighbours;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Classification by weighted nearest neighbours (Wu et al. 2018, as DINO evaluates): features of
 * unit length; each picture is classified by the pictures of the other folds. Exact: every
 * similarity is computed, in blocks.
 *
 * <p>Gives {@code knnK.top1} and {@code knnK.per_class}.
 */
final class KnnEvaluation implements Evaluator {
  /** Softmax temperature of the neighbours' weights. */
  static final double TEMPERATURE = 0.07;

  private static final double EPSILON = 1e-12;

  /** Similarities held at once: 64 MiB. */
  private static final long BLOCK_FLOATS = 16L << 20;

  private final Labelled labelled;
  private final List<Integer> ks;
  private final EvaluationListener listener;

  KnnEvaluation(Labelled labelled, List<Integer> ks, EvaluationListener listener) {
    this.labelled = labelled;
    this.ks = ks;
    this.listener = listener;
  }

  @Override
  public void evaluate(List<Contender> contenders, Findings findings) throws IOException {
    for (Contender contender : contenders) {
      try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
        evaluate(scope, contender, findings);
      }
    }
  }

  private void evaluate(TensorScope scope, Contender contender, Findings findings)
      throws IOException {
    NDArray unit_ND = Tensors.normalize(scope, contender.neighbours(scope), EPSILON);
    String phase = "neighbours " + contender.subject().name();
    Map<String, List<Double>> scores = new LinkedHashMap<>();
    Map<Integer, boolean[]> right = new LinkedHashMap<>();
    ks.forEach(k -> right.put(k, new boolean[labelled.rows().length]));
    int done = 0;
    for (int fold = 0; fold < labelled.folds().count(); fold++) {
      int[] scored = labelled.folds().in(fold);
      listener.advanced(phase, done, labelled.rows().length);
      Map<Integer, long[]> predicted =
          predict(scope, unit_ND, labelled.folds().outside(fold), scored);
      predicted.forEach(
          (k, classes) -> {
            Accuracy accuracy =
                Accuracy.of(classes, labelled.labels(scored), labelled.classes().size());
            put(scores, "knn%d.top1".formatted(k), accuracy.top1());
            put(scores, "knn%d.per_class".formatted(k), accuracy.perClass());
            labelled.mark(of(right, k), scored, classes);
          });
      done += scored.length;
    }
    listener.advanced(phase, done, labelled.rows().length);
    scores.forEach((metric, perFold) -> findings.score(contender.subject(), metric, perFold));
    right.forEach(
        (k, items) -> findings.answers(contender.subject(), "knn%d.top1".formatted(k), items));
  }

  private static void put(Map<String, List<Double>> scores, String metric, double value) {
    scores.computeIfAbsent(metric, m -> new ArrayList<>()).add(value);
  }

  /** Predicted classes of the scored items for each k. */
  private Map<Integer, long[]> predict(
      TensorScope parent, NDArray unit_ND, int[] bank, int[] scored) {
    Map<Integer, long[]> predicted = new LinkedHashMap<>();
    ks.forEach(k -> predicted.put(k, new long[scored.length]));
    int block = (int) Math.max(1, Math.min(scored.length, BLOCK_FLOATS / bank.length));
    try (TensorScope scope = parent.nested()) {
      NDArray bank_MD = Tensors.rowsAt(scope, unit_ND, scope.create(labelled.rows(bank)));
      NDArray labels_M = scope.create(labelled.labels(bank));
      for (int from = 0; from < scored.length; from += block) {
        int[] items = Arrays.copyOfRange(scored, from, Math.min(scored.length, from + block));
        try (TensorScope inner = scope.nested()) {
          NDArray queries_QD = Tensors.rowsAt(inner, unit_ND, inner.create(labelled.rows(items)));
          Map<Integer, NDArray> votes =
              votes(inner, queries_QD, bank_MD, labels_M, ks, labelled.classes().size());
          for (int k : ks) {
            long[] classes = Neighbours.mostVoted(inner, of(votes, k));
            System.arraycopy(classes, 0, of(predicted, k), from, classes.length);
          }
        }
      }
    }
    return predicted;
  }

  /**
   * Votes (Q, C) for each k, from one search for the largest; where the bank is smaller than that,
   * all of it votes.
   */
  static Map<Integer, NDArray> votes(
      TensorScope scope,
      NDArray queries_QD,
      NDArray bank_MD,
      NDArray labels_M,
      List<Integer> ks,
      int classes) {
    int bank = (int) bank_MD.getShape().get(0);
    int most = Math.min(bank, ks.stream().mapToInt(Integer::intValue).max().orElseThrow());
    Neighbours.Found found = Neighbours.nearest(scope, queries_QD, bank_MD, most);
    NDArray labels_QK = Neighbours.labels(scope, labels_M, found.index_QK());
    Map<Integer, NDArray> votes = new LinkedHashMap<>();
    for (int k : ks) {
      votes.put(
          k,
          Neighbours.votes(
              scope, found.similarity_QK(), labels_QK, Math.min(k, most), TEMPERATURE, classes));
    }
    return votes;
  }

  private static <T> T of(Map<Integer, T> values, int k) {
    return Objects.requireNonNull(values.get(k), () -> "no k " + k);
  }
}
