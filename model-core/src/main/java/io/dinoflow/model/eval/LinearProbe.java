package io.dinoflow.model.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.eval.Population.Labelled;
import io.dinoflow.model.kernel.Neighbours;
import io.dinoflow.model.kernel.ProbeGrid;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.HostValues;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Classification by a linear layer on frozen features, class token and mean patch token together:
 * SGD with momentum, cosine to zero, no weight decay.
 *
 * <p>The learning rate is chosen anew for each scored fold, on a fifth of the other folds' groups
 * that the candidates did not learn from; then the layer learns all of the other folds at that
 * rate. The scored fold takes no part in either. All candidates learn together.
 *
 * <p>Gives {@code linear.top1} and {@code linear.per_class}.
 */
final class LinearProbe implements Evaluator {
  private static final Logger LOG = LoggerFactory.getLogger(LinearProbe.class);

  /**
   * For batches of 256, the official 13 and six higher ones: a few hundred steps on a small source
   * need faster ones than the official 12,500.
   */
  private static final double[] RATES = {
    1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 2e-2, 5e-2, 0.1, 0.2, 0.5, 1, 2, 5,
    10
  };

  private static final double BATCH_OF_RATES = 256;
  private static final int BATCH = 128;
  private static final double MOMENTUM = 0.9;
  private static final double INITIAL_DEVIATION = 0.01;
  private static final int SELECTION_FOLDS = 5;

  private final Labelled labelled;
  private final int epochs;
  private final long seed;
  private final EvaluationListener listener;

  LinearProbe(Labelled labelled, int epochs, long seed, EvaluationListener listener) {
    this.labelled = labelled;
    this.epochs = epochs;
    this.seed = seed;
    this.listener = listener;
  }

  @Override
  public void evaluate(List<Contender> contenders, Findings findings) throws IOException {
    for (Contender contender : contenders) {
      String phase = "linear " + contender.subject().name();
      List<Double> top1 = new ArrayList<>();
      List<Double> perClass = new ArrayList<>();
      List<Double> rates = new ArrayList<>();
      boolean[] right = new boolean[labelled.rows().length];
      int done = 0;
      try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
        NDArray x_NF = contender.probe(scope);
        for (int fold = 0; fold < labelled.folds().count(); fold++) {
          listener.advanced(phase, done, labelled.rows().length);
          int[] learnt = labelled.folds().outside(fold);
          int[] scored = labelled.folds().in(fold);
          double rate = chosenRate(scope, x_NF, learnt, fold);
          long[] predicted =
              predictions(scope, x_NF, learnt, scored, new double[] {rate}, fold).get(0);
          Accuracy accuracy = accuracy(predicted, scored);
          labelled.mark(right, scored, predicted);
          top1.add(accuracy.top1());
          perClass.add(accuracy.perClass());
          rates.add(rate);
          done += scored.length;
        }
      }
      listener.advanced(phase, done, labelled.rows().length);
      LOG.info("linear probe of {}: learning rates {}", contender.subject().name(), rates);
      findings.score(contender.subject(), "linear.top1", top1);
      findings.score(contender.subject(), "linear.per_class", perClass);
      findings.answers(contender.subject(), "linear.top1", right);
    }
  }

  /** The rate that is right most often on the part held out; of equal ones the lowest. */
  private double chosenRate(TensorScope scope, NDArray x_NF, int[] items, int fold) {
    Folds inner =
        Folds.deal(
            labelled.groups(items),
            labelled.labels(items),
            SELECTION_FOLDS,
            SeededRandom.of(seed, Purpose.SPLIT, 1, fold));
    if (inner.count() < 2) {
      // One group alone cannot be divided: it would be learnt and judged at once.
      return RATES[RATES.length / 2];
    }
    int[] heldOut = Arrays.stream(inner.in(0)).map(i -> items[i]).toArray();
    int[] learnt = Arrays.stream(inner.outside(0)).map(i -> items[i]).toArray();
    List<Accuracy> accuracies =
        predictions(scope, x_NF, learnt, heldOut, RATES, fold).stream()
            .map(predicted -> accuracy(predicted, heldOut))
            .toList();
    int best = 0;
    for (int i = 1; i < RATES.length; i++) {
      if (accuracies.get(i).top1() > accuracies.get(best).top1()) {
        best = i;
      }
    }
    return RATES[best];
  }

  private Accuracy accuracy(long[] predicted, int[] items) {
    return Accuracy.of(predicted, labelled.labels(items), labelled.classes().size());
  }

  /** What a layer says of {@code scored} that learnt {@code learnt}, for each rate. */
  private List<long[]> predictions(
      TensorScope parent, NDArray x_NF, int[] learnt, int[] scored, double[] rates, int fold) {
    try (TensorScope scope = parent.nested()) {
      ProbeGrid grid = fresh(scope.manager(), x_NF.getShape().get(1), rates.length);
      train(
          scope,
          grid,
          Tensors.rowsAt(scope, x_NF, scope.create(labelled.rows(learnt))),
          scope.create(labelled.labels(learnt)),
          rates,
          fold);
      NDArray scored_MF = Tensors.rowsAt(scope, x_NF, scope.create(labelled.rows(scored)));
      long[] predicted_ML = Neighbours.mostVoted(scope, grid.logits(scope, scored_MF));
      List<long[]> all = new ArrayList<>();
      for (int l = 0; l < rates.length; l++) {
        long[] predicted = new long[scored.length];
        for (int i = 0; i < predicted.length; i++) {
          predicted[i] = predicted_ML[i * rates.length + l];
        }
        all.add(predicted);
      }
      return all;
    }
  }

  private void train(
      TensorScope parent,
      ProbeGrid grid,
      NDArray x_NF,
      NDArray labels_N,
      double[] rates,
      int fold) {
    int n = (int) x_NF.getShape().get(0);
    int batch = Math.min(BATCH, n);
    int perEpoch = n / batch;
    int steps = epochs * perEpoch;
    for (int step = 0; step < steps; ) {
      int[] order = SeededRandom.of(seed, Purpose.ORDER, fold, step / perEpoch).permutation(n);
      for (int from = 0; from + batch <= n; from += batch, step++) {
        long[] index = Arrays.stream(order, from, from + batch).asLongStream().toArray();
        float[] lr = new float[rates.length];
        for (int l = 0; l < lr.length; l++) {
          lr[l] = (float) annealed(rates[l] * batch / BATCH_OF_RATES, step, steps);
        }
        try (TensorScope scope = parent.nested()) {
          grid.step(scope, x_NF, labels_N, scope.create(index), scope.create(lr), MOMENTUM);
        }
      }
    }
  }

  /** Cosine from the rate to zero. */
  static double annealed(double rate, int step, int steps) {
    return rate * (1 + Math.cos(Math.PI * step / steps)) / 2;
  }

  /** Every rate begins with the same weights. */
  private ProbeGrid fresh(NDManager manager, long features, int rates) {
    int classes = labelled.classes().size();
    int size = Math.toIntExact(classes * features);
    float[] weights = new float[rates * size];
    SeededRandom random =
        SeededRandom.of(seed, Purpose.INIT, SeededRandom.coordinate("linear.weight"));
    for (int i = 0; i < size; i++) {
      weights[i] = (float) (INITIAL_DEVIATION * random.nextGaussian());
    }
    for (int l = 1; l < rates; l++) {
      System.arraycopy(weights, 0, weights, l * size, size);
    }
    Shape w = new Shape(rates, classes, features);
    Shape b = new Shape(rates, classes);
    return new ProbeGrid(
        HostValues.tensor(manager, weights, w),
        manager.zeros(b),
        manager.zeros(w),
        manager.zeros(b));
  }
}
