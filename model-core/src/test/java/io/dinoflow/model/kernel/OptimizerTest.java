package io.dinoflow.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.plain.Plain;
import io.dinoflow.model.tensor.TensorScope;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The update rules against their formulas in double precision. */
class OptimizerTest {

  @BeforeEach
  void prepare() {
    TorchKernels.prepareThread(1);
  }

  @Test
  void adamWDecaysApartFromTheGradientAndCorrectsBothMoments() {
    double lr = 0.02;
    double decay = 0.1;
    double beta1 = 0.9;
    double beta2 = 0.99;
    double[][] p = Plain.random(2, 3, 1);
    double[][] m = new double[2][3];
    double[][] v = new double[2][3];
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray ours = Plain.array(scope.manager(), p);
      NDArray first = scope.manager().zeros(ours.getShape());
      NDArray second = scope.manager().zeros(ours.getShape());
      for (int step = 1; step <= 5; step++) {
        double[][] g = Plain.random(2, 3, 10 + step);
        AdamW.update(
            scope,
            new NDList(ours),
            new NDList(Plain.array(scope.manager(), g)),
            new NDList(first),
            new NDList(second),
            scope.manager().create((float) step),
            new AdamW.Settings(lr, decay, beta1, beta2));
        for (int i = 0; i < 6; i++) {
          double gradient = g[i / 3][i % 3];
          m[i / 3][i % 3] = beta1 * m[i / 3][i % 3] + (1 - beta1) * gradient;
          v[i / 3][i % 3] = beta2 * v[i / 3][i % 3] + (1 - beta2) * gradient * gradient;
          double mean = m[i / 3][i % 3] / (1 - Math.pow(beta1, step));
          double square = v[i / 3][i % 3] / (1 - Math.pow(beta2, step));
          p[i / 3][i % 3] *= 1 - lr * decay;
          p[i / 3][i % 3] -= lr * mean / (Math.sqrt(square) + 1e-8);
        }
        Plain.assertClose("parameters after step " + step, ours, p, 1e-6);
        Plain.assertClose("first moments", first, m, 1e-6);
        Plain.assertClose("second moments", second, v, 1e-6);
      }
    }
  }

  @Test
  void averagesMoveTowardTheValues() {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      double[][] t = Plain.random(2, 3, 1);
      double[][] s = Plain.random(2, 3, 2);
      NDArray average = Plain.array(scope.manager(), t);
      Ema.update(scope, new NDList(average), new NDList(Plain.array(scope.manager(), s)), 0.9);
      for (int i = 0; i < 6; i++) {
        t[i / 3][i % 3] = 0.9 * t[i / 3][i % 3] + 0.1 * s[i / 3][i % 3];
      }
      Plain.assertClose("average", average, t, 1e-6);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.5, 3, 100})
  void gradientsAreClippedByTheirCommonNorm(double limit) {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      double[][] a = Plain.random(2, 3, 1);
      double[][] b = Plain.random(4, 2, 2);
      double square = 0;
      for (double[][] x : new double[][][] {a, b}) {
        for (double[] row : x) {
          square += Plain.dot(row, row);
        }
      }
      double norm = Math.sqrt(square);
      double factor = Math.min(1, limit / (norm + 1e-6));
      NDList gradients =
          new NDList(Plain.array(scope.manager(), a), Plain.array(scope.manager(), b));
      assertThat((double) Gradients.clip(scope, gradients, limit))
          .isCloseTo(norm, within(1e-6 * norm));
      for (double[][] x : new double[][][] {a, b}) {
        for (double[] row : x) {
          java.util.Arrays.setAll(row, i -> factor * row[i]);
        }
      }
      Plain.assertClose("first", gradients.get(0), a, 1e-6);
      Plain.assertClose("second", gradients.get(1), b, 1e-6);
    }
  }
}
