package io.dinoflow.model.plain;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The vision transformer of one square picture, token by token and head by head. */
public final class PlainTransformer {
  private final BackboneRecipe.Vit vit;
  private final StateDict weights;
  private final double epsilon;

  public PlainTransformer(BackboneRecipe.Vit vit, StateDict weights) {
    this.vit = vit;
    this.weights = weights;
    this.epsilon = vit.normLayer().equals("layernorm") ? 1e-6 : 1e-5;
  }

  /**
   * All tokens after the final norms: class, storage, patches.
   *
   * @param image channels x side x side, flattened
   * @param masked patches that the mask token replaces
   * @param clsNorm name of the norm of class and storage tokens
   */
  public double[][] forward(double[] image, int side, boolean[] masked, String clsNorm) {
    int grid = side / vit.patchSize();
    int prefix = 1 + vit.nStorageTokens();
    List<double[]> tokens = new ArrayList<>();
    tokens.add(values("cls_token").orElseThrow()[0]);
    values("storage_tokens").ifPresent(s -> tokens.addAll(List.of(s)));
    for (int p = 0; p < grid * grid; p++) {
      tokens.add(
          masked[p]
              ? values("mask_token").orElseThrow()[0]
              : patch(image, side, p / grid, p % grid));
    }
    double[][] x = tokens.toArray(double[][]::new);
    for (int i = 0; i < vit.depth(); i++) {
      String block = "blocks." + i + ".";
      x = plus(x, scaled(attention(norm(x, block + "norm1"), block, grid, prefix), block + "ls1"));
      x = plus(x, scaled(feedForward(norm(x, block + "norm2"), block), block + "ls2"));
    }
    double[][] patches = norm(x, "norm");
    double[][] first = norm(x, clsNorm);
    System.arraycopy(first, 0, patches, 0, prefix);
    return patches;
  }

  private double[] patch(double[] image, int side, int row, int column) {
    int size = vit.patchSize();
    double[] pixels = new double[3 * size * size];
    for (int i = 0; i < pixels.length; i++) {
      int channel = i / (size * size);
      int y = row * size + i / size % size;
      int x = column * size + i % size;
      pixels[i] = image[(channel * side + y) * side + x];
    }
    double[][] kernel = values("patch_embed.proj.weight").orElseThrow();
    double[][] flat = new double[vit.embedDim()][pixels.length];
    for (int i = 0; i < flat.length * pixels.length; i++) {
      flat[i / pixels.length][i % pixels.length] = kernel[i / size][i % size];
    }
    return Plain.linear(new double[][] {pixels}, flat, bias("patch_embed.proj"))[0];
  }

  private double[][] attention(double[][] x, String block, int grid, int prefix) {
    int dim = vit.embedDim();
    int heads = vit.numHeads();
    int size = dim / heads;
    double[] bias = bias(block + "attn.qkv");
    if (vit.maskKBias() && bias.length > 0) {
      java.util.Arrays.fill(bias, dim, 2 * dim, 0);
    }
    double[][] qkv = Plain.linear(x, values(block + "attn.qkv.weight").orElseThrow(), bias);
    double[][] joined = new double[x.length][dim];
    for (int head = 0; head < heads; head++) {
      double[][] q = rotated(part(qkv, head * size, size), grid, prefix);
      double[][] k = rotated(part(qkv, dim + head * size, size), grid, prefix);
      double[][] v = part(qkv, 2 * dim + head * size, size);
      for (int i = 0; i < x.length; i++) {
        double[] scores = new double[x.length];
        for (int j = 0; j < x.length; j++) {
          scores[j] = Plain.dot(q[i], k[j]) / Math.sqrt(size);
        }
        double[] log = Plain.logSoftmax(scores, 1);
        for (int j = 0; j < x.length; j++) {
          for (int d = 0; d < size; d++) {
            joined[i][head * size + d] += Math.exp(log[j]) * v[j][d];
          }
        }
      }
    }
    return Plain.linear(
        joined, values(block + "attn.proj.weight").orElseThrow(), bias(block + "attn.proj"));
  }

  /** Pairs (i, i + size / 2) turned by the patch centre's angle: first heights, then widths. */
  private double[][] rotated(double[][] x, int grid, int prefix) {
    int half = x[0].length / 2;
    double[][] y = new double[x.length][];
    for (int t = 0; t < x.length; t++) {
      y[t] = x[t].clone();
      for (int i = 0; t >= prefix && i < half; i++) {
        int index = t - prefix;
        int along = i < half / 2 ? index / grid : index % grid;
        double centre = 2 * (along + 0.5) / grid - 1;
        double period = Math.pow(vit.posEmbedRopeBase(), (double) (i % (half / 2)) / (half / 2));
        double angle = 2 * Math.PI * centre / period;
        y[t][i] = x[t][i] * Math.cos(angle) - x[t][i + half] * Math.sin(angle);
        y[t][i + half] = x[t][i + half] * Math.cos(angle) + x[t][i] * Math.sin(angle);
      }
    }
    return y;
  }

  private double[][] feedForward(double[][] x, String block) {
    if (vit.ffnLayer().equals("mlp")) {
      double[][] hidden = linear(x, block + "mlp.fc1");
      each(hidden, (r, c) -> Plain.gelu(hidden[r][c]));
      return linear(hidden, block + "mlp.fc2");
    }
    double[][] gate = linear(x, block + "mlp.w1");
    double[][] value = linear(x, block + "mlp.w2");
    each(value, (r, c) -> Plain.silu(gate[r][c]) * value[r][c]);
    return linear(value, block + "mlp.w3");
  }

  private double[][] norm(double[][] x, String name) {
    double[] weight = values(name + ".weight").orElseThrow()[0];
    double[] bias = bias(name);
    double[][] y = new double[x.length][x[0].length];
    for (int r = 0; r < x.length; r++) {
      double mean = 0;
      if (!vit.normLayer().equals("rmsnorm")) {
        mean = java.util.Arrays.stream(x[r]).average().orElseThrow();
      }
      double square = 0;
      for (double v : x[r]) {
        square += (v - mean) * (v - mean) / x[r].length;
      }
      for (int c = 0; c < y[r].length; c++) {
        y[r][c] =
            (x[r][c] - mean) / Math.sqrt(square + epsilon) * weight[c]
                + (bias.length == 0 ? 0 : bias[c]);
      }
    }
    return y;
  }

  private double[][] scaled(double[][] x, String name) {
    values(name + ".gamma").ifPresent(gamma -> each(x, (r, c) -> x[r][c] * gamma[0][c]));
    return x;
  }

  private double[][] linear(double[][] x, String name) {
    return Plain.linear(x, values(name + ".weight").orElseThrow(), bias(name));
  }

  private double[] bias(String name) {
    return values(name + ".bias").map(b -> b[0]).orElse(new double[0]);
  }

  private Optional<double[][]> values(String name) {
    if (!weights.contains(name)) {
      return Optional.empty();
    }
    NDArray tensor = weights.tensor(name);
    return Optional.of(Plain.rows(tensor));
  }

  private interface Cell {
    double value(int row, int column);
  }

  private static void each(double[][] x, Cell cell) {
    for (int r = 0; r < x.length; r++) {
      for (int c = 0; c < x[r].length; c++) {
        x[r][c] = cell.value(r, c);
      }
    }
  }

  private static double[][] plus(double[][] a, double[][] b) {
    double[][] sum = new double[a.length][a[0].length];
    each(sum, (r, c) -> a[r][c] + b[r][c]);
    return sum;
  }

  private static double[][] part(double[][] x, int from, int size) {
    double[][] part = new double[x.length][];
    for (int r = 0; r < x.length; r++) {
      part[r] = java.util.Arrays.copyOfRange(x[r], from, from + size);
    }
    return part;
  }
}
