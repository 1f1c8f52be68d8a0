package io.dinoflow.model.plain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.function.ToDoubleFunction;

/** Matrices as rows of doubles, and what losses and layers do with them. */
public final class Plain {
  private static final double STEP = 1e-5;

  private Plain() {}

  /** Normal values that are exact as floats too. */
  public static double[][] random(int rows, int columns, long seed) {
    SeededRandom random = SeededRandom.of(seed, Purpose.SAMPLE, rows, columns);
    double[][] x = new double[rows][columns];
    for (double[] row : x) {
      for (int i = 0; i < columns; i++) {
        row[i] = (float) random.nextGaussian();
      }
    }
    return x;
  }

  public static NDArray array(NDManager manager, double[][] x) {
    float[] flat = new float[x.length * x[0].length];
    for (int i = 0; i < flat.length; i++) {
      flat[i] = (float) x[i / x[0].length][i % x[0].length];
    }
    return manager.create(flat, new Shape(x.length, x[0].length));
  }

  /** Values of an array of any shape as rows of its last axis. */
  public static double[][] rows(NDArray x) {
    float[] flat = x.toFloatArray();
    int columns = (int) x.getShape().get(x.getShape().dimension() - 1);
    double[][] rows = new double[flat.length / columns][columns];
    for (int i = 0; i < flat.length; i++) {
      rows[i / columns][i % columns] = flat[i];
    }
    return rows;
  }

  /** x times the transpose of w, plus a bias that may be empty. */
  public static double[][] linear(double[][] x, double[][] w, double... bias) {
    double[][] y = new double[x.length][w.length];
    for (int r = 0; r < x.length; r++) {
      for (int o = 0; o < w.length; o++) {
        y[r][o] = dot(x[r], w[o]) + (bias.length == 0 ? 0 : bias[o]);
      }
    }
    return y;
  }

  public static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  public static double[] logSoftmax(double[] x, double temperature) {
    double max = Double.NEGATIVE_INFINITY;
    for (double v : x) {
      max = Math.max(max, v / temperature);
    }
    double sum = 0;
    for (double v : x) {
      sum += Math.exp(v / temperature - max);
    }
    double[] y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = x[i] / temperature - max - Math.log(sum);
    }
    return y;
  }

  public static double crossEntropy(double[] target, double[] logits, double temperature) {
    return -dot(target, logSoftmax(logits, temperature));
  }

  /** Rows of L2 norm 1. */
  public static double[][] unit(double[][] x) {
    double[][] y = new double[x.length][];
    for (int r = 0; r < x.length; r++) {
      double norm = Math.sqrt(dot(x[r], x[r]));
      y[r] = java.util.Arrays.stream(x[r]).map(v -> v / norm).toArray();
    }
    return y;
  }

  /** The error function by its series of positive terms, which loses no digits. */
  public static double erf(double x) {
    if (Math.abs(x) > 6) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 0; n < 200; n++) {
      term *= 2 * x * x / (2 * n + 3);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-x * x) * sum;
  }

  public static double gelu(double x) {
    return x * (1 + erf(x / Math.sqrt(2))) / 2;
  }

  public static double silu(double x) {
    return x / (1 + Math.exp(-x));
  }

  /** Gradient by central differences. */
  public static double[][] gradient(ToDoubleFunction<double[][]> f, double[][] x) {
    double[][] gradient = new double[x.length][x[0].length];
    for (int r = 0; r < x.length; r++) {
      for (int c = 0; c < x[r].length; c++) {
        double at = x[r][c];
        x[r][c] = at + STEP;
        double above = f.applyAsDouble(x);
        x[r][c] = at - STEP;
        double below = f.applyAsDouble(x);
        x[r][c] = at;
        gradient[r][c] = (above - below) / (2 * STEP);
      }
    }
    return gradient;
  }

  /** Values equal within a share of the largest one. */
  public static void assertClose(String what, NDArray ours, double[][] plain, double relative) {
    float[] flat = ours.toFloatArray();
    assertThat(flat.length).as(what).isEqualTo(plain.length * plain[0].length);
    double magnitude = 0;
    double worst = 0;
    for (int i = 0; i < flat.length; i++) {
      double expected = plain[i / plain[0].length][i % plain[0].length];
      magnitude = Math.max(magnitude, Math.abs(expected));
      worst = Math.max(worst, Math.abs(flat[i] - expected));
      assertThat(flat[i]).as(what).isFinite();
    }
    assertThat(magnitude).as(what + ": nothing but zeros proves nothing").isPositive();
    assertThat(worst / magnitude).as(what).isLessThanOrEqualTo(relative);
  }
}
