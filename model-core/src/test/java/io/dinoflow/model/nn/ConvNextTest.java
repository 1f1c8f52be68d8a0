package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.plain.Plain;
import io.dinoflow.model.plain.PlainConvNext;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ConvNextTest {
  private static final int SIDE = 64;

  @BeforeEach
  void prepare() {
    TorchKernels.prepareThread(1);
  }

  private static ConvNext net(double dropPathRate) {
    return new ConvNext(recipe(dropPathRate));
  }

  private static BackboneRecipe.ConvNext recipe(double dropPathRate) {
    return new BackboneRecipe.ConvNext(List.of(1, 2, 1, 1), List.of(3, 4, 5, 6), dropPathRate, 0.1);
  }

  /** Every parameter drawn, so that one left out shows. */
  private static StateDict drawn(TensorScope scope, ConvNext net) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    for (ParameterSpec p : net.parameters()) {
      double[][] values =
          Plain.random(1, Math.toIntExact(p.size()), SeededRandom.coordinate(p.name()));
      Arrays.setAll(values[0], i -> (float) (0.4 * values[0][i]));
      weights.put(
          p.name(),
          Plain.array(scope.manager(), values)
              .reshape(p.shape().stream().mapToLong(Long::longValue).toArray()));
    }
    return new StateDict(weights);
  }

  @Test
  void tokensAreThoseOfTheFormulas() {
    ConvNext net = net(0);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      StateDict weights = drawn(scope, net);
      double[][] image = Plain.random(3, SIDE * SIDE, 4);
      NDArray pixels = Plain.array(scope.manager(), image).reshape(1, 3, SIDE, SIDE);
      Features ours = net.forward(scope, weights, pixels, Pass.eval());
      double[][] plain = new PlainConvNext(recipe(0), weights).forward(image);
      Plain.assertClose("class token", ours.cls_BD(), new double[][] {plain[0]}, 1e-5);
      Plain.assertClose(
          "patch tokens", ours.patches_BND(), Arrays.copyOfRange(plain, 1, plain.length), 1e-5);
      assertThat(ours.storage_BSD().size()).isZero();
    }
  }

  /** One over the probability of being kept, or nothing; each sample for itself. */
  @Test
  void branchesAreDroppedPerSampleAndOnlyInTraining() {
    ConvNext net = net(0.5);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      StateDict weights = drawn(scope, net);
      NDArray one =
          Plain.array(scope.manager(), Plain.random(3, SIDE * SIDE, 4)).reshape(1, 3, SIDE, SIDE);
      NDArray pixels = NDArrays.concat(new NDList(one, one, one, one, one, one));
      double[][] eval = Plain.rows(net.forward(scope, weights, pixels, Pass.eval()).cls_BD());
      double[][] train =
          Plain.rows(net.forward(scope, weights, pixels, Pass.globalCrops(1, 1)).cls_BD());
      double[][] again =
          Plain.rows(net.forward(scope, weights, pixels, Pass.globalCrops(1, 1)).cls_BD());
      double[][] other =
          Plain.rows(net.forward(scope, weights, pixels, Pass.globalCrops(1, 2)).cls_BD());
      assertThat(Arrays.stream(eval).map(Arrays::toString).distinct()).hasSize(1);
      assertThat(Arrays.stream(train).map(Arrays::toString).distinct().count()).isGreaterThan(1);
      assertThat(again).isDeepEqualTo(train);
      assertThat(Arrays.deepEquals(other, train)).isFalse();
    }
  }
}
