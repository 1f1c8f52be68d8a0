package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.plain.Plain;
import io.dinoflow.model.plain.PlainTransformer;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VisionTransformerTest {

  @Test
  void tokensBeforeTheFinalNormStayReadableForEveryChosenBlock() {
    TorchKernels.prepareThread(1);
    BackboneRecipe.Vit recipe =
        new BackboneRecipe.Vit(
            4, 8, 3, 2, 2, "mlp", "layernorm", 1, 0.1, 0, true, true, false, false, 100, 0, 0, 0);
    VisionTransformer vit = new VisionTransformer(recipe);
    try (TensorScope scope = TensorScope.under(TorchKernels.manager());
        StateDict weights = vit.initialise(scope.manager(), 1)) {
      NDArray pixels = scope.manager().ones(new Shape(1, 3, 8, 8));
      List<Features> all = vit.intermediateLayers(scope, weights, pixels, List.of(0, 1, 2));
      for (Features features : all) {
        assertThat(features.prenorm_BTD().toFloatArray()).hasSize(6 * 8);
      }
      assertThat(all.get(2).prenorm_BTD().toFloatArray())
          .isEqualTo(vit.forward(scope, weights, pixels, Pass.eval()).prenorm_BTD().toFloatArray());
    }
  }

  /** Every form of feed-forward, norm and bias, every parameter of it drawn. */
  @ParameterizedTest
  @CsvSource({
    "mlp, layernorm, 2, true, true, false, false",
    "swiglu, layernormbf16, 0, true, false, true, false",
    "swiglu32, layernormbf16, 1, false, true, false, true",
    "mlp, rmsnorm, 1, true, true, true, true"
  })
  void tokensAreThoseOfTheFormulas(
      String ffn,
      String norm,
      int storage,
      boolean qkvBias,
      boolean maskKBias,
      boolean untieCls,
      boolean untieLocal) {
    TorchKernels.prepareThread(1);
    BackboneRecipe.Vit recipe =
        new BackboneRecipe.Vit(
            4,
            16,
            2,
            2,
            2,
            ffn,
            norm,
            storage,
            0.1,
            0,
            qkvBias,
            maskKBias,
            untieCls,
            untieLocal,
            100,
            0,
            0,
            0);
    VisionTransformer vit = new VisionTransformer(recipe);
    int side = 12;
    int patches = 9;
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      StateDict weights = drawn(scope, vit);
      double[][] image = Plain.random(1, 3 * side * side, 4);
      NDArray pixels = Plain.array(scope.manager(), image).reshape(1, 3, side, side);
      boolean[] masked = {false, true, false, false, true, true, false, false, false};
      NDArray mask = scope.manager().create(masked).reshape(1, patches);
      PlainTransformer plain = new PlainTransformer(recipe, weights);
      String eval = untieCls ? "cls_norm" : "norm";
      compare(
          vit.forward(scope, weights, pixels, Pass.eval().masked(mask)),
          plain.forward(image[0], side, masked, eval),
          storage);
      compare(
          vit.forward(scope, weights, pixels, Pass.globalCrops(1, 1)),
          plain.forward(image[0], side, new boolean[patches], eval),
          storage);
      compare(
          vit.forward(scope, weights, pixels, Pass.localCrops(1, 1)),
          plain.forward(image[0], side, new boolean[patches], untieLocal ? "local_cls_norm" : eval),
          storage);
    }
  }

  private static StateDict drawn(TensorScope scope, VisionTransformer vit) {
    Map<String, NDArray> weights = new LinkedHashMap<>();
    for (ParameterSpec p : vit.parameters()) {
      double[][] values =
          Plain.random(1, Math.toIntExact(p.size()), SeededRandom.coordinate(p.name()));
      for (int i = 0; i < values[0].length; i++) {
        values[0][i] = (float) (p.name().contains("weight") ? 0.3 : 0.5) * values[0][i];
      }
      weights.put(
          p.name(),
          Plain.array(scope.manager(), values)
              .reshape(p.shape().stream().mapToLong(Long::longValue).toArray()));
    }
    return new StateDict(weights);
  }

  private static void compare(Features ours, double[][] plain, int storage) {
    int prefix = 1 + storage;
    double[][] cls = {plain[0]};
    Plain.assertClose("class token", ours.cls_BD(), cls, 1e-5);
    if (storage > 0) {
      Plain.assertClose(
          "storage tokens", ours.storage_BSD(), Arrays.copyOfRange(plain, 1, prefix), 1e-5);
    }
    Plain.assertClose(
        "patch tokens", ours.patches_BND(), Arrays.copyOfRange(plain, prefix, plain.length), 1e-5);
  }
}
