package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.plain.LossCheck;
import io.dinoflow.model.plain.Plain;
import io.dinoflow.model.recipe.HeadRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadTest {
  private static final int INPUTS = 6;

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void logitsAreThoseOfTheFormula(int layers) {
    Head head = new Head(INPUTS, new HeadRecipe(9, 4, 8, layers));
    Map<String, double[][]> values = new LinkedHashMap<>();
    for (ParameterSpec p : head.parameters()) {
      int rows = Math.toIntExact(p.shape().get(0));
      values.put(
          p.name(),
          p.shape().size() == 1
              ? Plain.random(1, rows, SeededRandom.coordinate(p.name()))
              : Plain.random(
                  rows, Math.toIntExact(p.shape().get(1)), SeededRandom.coordinate(p.name())));
    }
    double[][] coefficient = Plain.random(5, 9, 2);
    LossCheck.check(
        "the sum of a head's weighted logits",
        Plain.random(5, INPUTS, 3),
        (scope, x) -> {
          Map<String, NDArray> weights = new LinkedHashMap<>();
          values.forEach(
              (name, v) -> {
                NDArray tensor = Plain.array(scope.manager(), v);
                weights.put(name, name.endsWith("bias") ? tensor.flatten() : tensor);
              });
          return head.forward(scope, new StateDict(weights), x)
              .mul(Plain.array(scope.manager(), coefficient))
              .sum();
        },
        x -> {
          double[][] logits = plain(values, x);
          double sum = 0;
          for (int r = 0; r < logits.length; r++) {
            sum += Plain.dot(logits[r], coefficient[r]);
          }
          return sum;
        });
  }

  private static double[][] plain(Map<String, double[][]> values, double[][] x) {
    List<String> layers =
        values.keySet().stream()
            .filter(n -> n.endsWith(".weight") && n.startsWith("mlp"))
            .map(n -> n.replace(".weight", ""))
            .toList();
    double[][] y = x;
    for (int i = 0; i < layers.size(); i++) {
      y =
          Plain.linear(
              y, values.get(layers.get(i) + ".weight"), values.get(layers.get(i) + ".bias")[0]);
      if (i < layers.size() - 1) {
        for (double[] row : y) {
          java.util.Arrays.setAll(row, c -> Plain.gelu(row[c]));
        }
      }
    }
    return Plain.linear(Plain.unit(y), values.get("last_layer.weight"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void freshHeadsHaveSmallWeightsAndNoBiases(int layers) {
    TorchKernels.prepareThread(1);
    Head head = new Head(INPUTS, new HeadRecipe(9, 4, 8, layers));
    try (StateDict fresh = head.initialise(TorchKernels.manager(), 1)) {
      fresh.forEach(
          (name, tensor) -> {
            if (name.endsWith("bias")) {
              assertThat(tensor.toFloatArray()).containsOnly(0f);
            } else {
              assertThat(tensor.abs().max().getFloat()).isBetween(0.01f, 0.1f);
            }
          });
    }
  }
}
