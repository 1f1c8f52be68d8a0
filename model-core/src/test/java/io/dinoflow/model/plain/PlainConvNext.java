package io.dinoflow.model.plain;

import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.weights.StateDict;

/** ConvNeXt of one square picture, channel by channel and pixel by pixel. */
public final class PlainConvNext {
  private static final double EPSILON = 1e-6;

  private final BackboneRecipe.ConvNext recipe;
  private final StateDict weights;

  public PlainConvNext(BackboneRecipe.ConvNext recipe, StateDict weights) {
    this.recipe = recipe;
    this.weights = weights;
  }

  /** The class token, then the patch tokens; maps are (channels, side * side). */
  public double[][] forward(double[][] image) {
    double[][] x = image;
    for (int s = 0; s < 4; s++) {
      String down = "downsample_layers." + s + ".";
      x =
          s == 0
              ? norm(patches(x, down + "0", 4), down + "1")
              : patches(norm(x, down + "0"), down + "1", 2);
      for (int i = 0; i < recipe.depths().get(s); i++) {
        x = block(x, "stages." + s + "." + i + ".");
      }
    }
    int pixels = x[0].length;
    double[][] tokens = new double[1 + pixels][x.length];
    for (int c = 0; c < x.length; c++) {
      for (int p = 0; p < pixels; p++) {
        tokens[1 + p][c] = x[c][p];
        tokens[0][c] += x[c][p] / pixels;
      }
    }
    return normRows(tokens, "norm");
  }

  private double[][] block(double[][] x, String name) {
    double[][] depthwise = values(name + "dwconv.weight", 49);
    double[] bias = values(name + "dwconv.bias", 1, x.length);
    int side = (int) Math.round(Math.sqrt(x[0].length));
    double[][] rows = new double[x[0].length][x.length];
    for (int c = 0; c < x.length; c++) {
      for (int p = 0; p < x[c].length; p++) {
        double sum = bias[c];
        for (int k = 0; k < 49; k++) {
          int dy = p / side + k / 7 - 3;
          int dx = p % side + k % 7 - 3;
          if (dy >= 0 && dy < side && dx >= 0 && dx < side) {
            sum += depthwise[c][k] * x[c][dy * side + dx];
          }
        }
        rows[p][c] = sum;
      }
    }
    double[][] hidden = linear(normRows(rows, name + "norm"), name + "pwconv1", x.length);
    for (double[] row : hidden) {
      java.util.Arrays.setAll(row, i -> Plain.gelu(row[i]));
    }
    double[][] out = linear(hidden, name + "pwconv2", 4 * x.length);
    double[] gamma = values(name + "gamma", 1, x.length);
    double[][] y = new double[x.length][x[0].length];
    for (int c = 0; c < x.length; c++) {
      for (int p = 0; p < x[c].length; p++) {
        y[c][p] = x[c][p] + gamma[c] * out[p][c];
      }
    }
    return y;
  }

  /** A convolution whose stride is its size. */
  private double[][] patches(double[][] x, String name, int size) {
    int side = (int) Math.round(Math.sqrt(x[0].length));
    int to = side / size;
    double[][] rows = new double[to * to][x.length * size * size];
    for (int p = 0; p < rows.length; p++) {
      for (int i = 0; i < rows[p].length; i++) {
        int dy = p / to * size + i / size % size;
        int dx = p % to * size + i % size;
        rows[p][i] = x[i / (size * size)][dy * side + dx];
      }
    }
    return transposed(linear(rows, name, rows[0].length));
  }

  private double[][] norm(double[][] x, String name) {
    return transposed(normRows(transposed(x), name));
  }

  private double[][] normRows(double[][] x, String name) {
    double[] weight = values(name + ".weight", 1, x[0].length);
    double[] bias = values(name + ".bias", 1, x[0].length);
    double[][] y = new double[x.length][x[0].length];
    for (int r = 0; r < x.length; r++) {
      double mean = java.util.Arrays.stream(x[r]).average().orElseThrow();
      double square = 0;
      for (double v : x[r]) {
        square += (v - mean) * (v - mean) / x[r].length;
      }
      for (int c = 0; c < y[r].length; c++) {
        y[r][c] = (x[r][c] - mean) / Math.sqrt(square + EPSILON) * weight[c] + bias[c];
      }
    }
    return y;
  }

  private double[][] linear(double[][] x, String name, int inputs) {
    double[][] w = values(name + ".weight", inputs);
    return Plain.linear(x, w, values(name + ".bias", 1, w.length));
  }

  private double[][] values(String name, int columns) {
    float[] flat = weights.tensor(name).toFloatArray();
    double[][] rows = new double[flat.length / columns][columns];
    for (int i = 0; i < flat.length; i++) {
      rows[i / columns][i % columns] = flat[i];
    }
    return rows;
  }

  private double[] values(String name, int rows, int columns) {
    double[][] values = values(name, columns);
    if (values.length != rows) {
      throw new IllegalStateException(name + " has not " + columns + " values");
    }
    return values[0];
  }

  private static double[][] transposed(double[][] x) {
    double[][] y = new double[x[0].length][x.length];
    for (int r = 0; r < x.length; r++) {
      for (int c = 0; c < x[r].length; c++) {
        y[c][r] = x[r][c];
      }
    }
    return y;
  }
}
