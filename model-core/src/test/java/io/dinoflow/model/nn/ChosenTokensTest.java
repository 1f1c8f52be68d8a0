package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.plain.Plain;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.ComputeCopies;
import io.dinoflow.model.weights.StateDict;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Shortcuts of the training forward give what the long way gives, gradients too. */
class ChosenTokensTest {
  private static final int SAMPLES = 3;
  private static final int PATCHES = 9;

  @BeforeEach
  void prepare() {
    TorchKernels.prepareThread(1);
  }

  @ParameterizedTest
  @CsvSource({
    "mlp, layernorm, 2, false, false, 0",
    "swiglu32, layernormbf16, 0, true, true, 0",
    "mlp, rmsnorm, 1, true, false, 0",
    "mlp, layernorm, 1, false, true, 0.5"
  })
  void chosenTokensAreThoseOfTheWholeForward(
      String ffn, String norm, int storage, boolean untieCls, boolean untieLocal, double dropPath) {
    VisionTransformer vit =
        new VisionTransformer(vit(ffn, norm, storage, untieCls, untieLocal, dropPath));
    for (Pass pass : List.of(Pass.eval(), Pass.globalCrops(3, 1), Pass.localCrops(3, 1))) {
      try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
        StateDict weights = vit.initialise(scope.manager(), 1);
        weights.requireGradients();
        NDArray pixels = pixels(scope);
        NDArray index_M = scope.create(new long[] {4, 26, 0, 13});

        Computed chosen;
        Computed whole;
        try (Gradients.Recording recording = Gradients.record()) {
          Backbone.Chosen c = vit.chosen(scope, weights, pixels, pass, index_M);
          chosen = computed(scope, weights, c.cls_BD(), c.patches_MD());
          Features f = vit.forward(scope, weights, pixels, pass);
          whole =
              computed(scope, weights, f.cls_BD(), Tensors.pick(scope, f.patches_BND(), index_M));
        }
        equal(chosen, whole);
      }
    }
  }

  @Test
  void choosingNoPatchesLeavesTheClassTokens() {
    VisionTransformer vit = new VisionTransformer(vit("mlp", "layernorm", 1, false, false, 0));
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      StateDict weights = vit.initialise(scope.manager(), 1);
      NDArray none = scope.manager().create(new long[0], new Shape(0));

      Backbone.Chosen chosen = vit.chosen(scope, weights, pixels(scope), Pass.eval(), none);

      assertThat(chosen.patches_MD().size()).isZero();
      assertThat(chosen.cls_BD().getShape()).isEqualTo(new Shape(SAMPLES, 16));
    }
  }

  @ParameterizedTest
  @CsvSource({"mlp", "swiglu"})
  void layerScalesMultipliedIntoTheLayersBeforeThemChangeNothing(String ffn) {
    VisionTransformer vit = new VisionTransformer(vit(ffn, "layernorm", 1, false, false, 0));
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      StateDict masters = vit.initialise(scope.manager(), 1);
      masters.requireGradients();
      NDArray pixels = pixels(scope);

      Computed folded;
      Computed apart;
      try (Gradients.Recording recording = Gradients.record()) {
        StateDict copies = ComputeCopies.of(scope, Precision.FP32, masters);
        assertThat(copies.names()).noneMatch(name -> name.endsWith("gamma"));
        Features f = vit.forward(scope, copies, pixels, Pass.globalCrops(3, 1));
        folded = computed(scope, masters, f.cls_BD(), f.patches_BND());
        Features g = vit.forward(scope, masters, pixels, Pass.globalCrops(3, 1));
        apart = computed(scope, masters, g.cls_BD(), g.patches_BND());
      }
      equal(folded, apart);
    }
  }

  /** Outputs, and gradients of a sum of them with drawn weights. */
  private record Computed(NDArray cls, NDArray patches, NDList gradients) {}

  private static Computed computed(
      TensorScope scope, StateDict weights, NDArray cls, NDArray patches) {
    NDArray loss =
        Tensors.weightedSum(
            scope, List.of(sum(scope, cls), sum(scope, patches)), new double[] {1, 3});
    return new Computed(cls, patches, Gradients.of(scope, loss, weights.list()));
  }

  private static NDArray sum(TensorScope scope, NDArray x) {
    int size = Math.toIntExact(x.size());
    NDArray drawn = Plain.array(scope.manager(), Plain.random(1, size, 9)).reshape(1, size);
    return Tensors.linear(scope, x.reshape(1, size), drawn).reshape(new Shape());
  }

  private static void equal(Computed one, Computed other) {
    close("class tokens", one.cls(), other.cls());
    close("patch tokens", one.patches(), other.patches());
    float moved = 0;
    for (int i = 0; i < one.gradients().size(); i++) {
      close("gradient " + i, one.gradients().get(i), other.gradients().get(i));
      for (float value : one.gradients().get(i).toFloatArray()) {
        moved = Math.max(moved, Math.abs(value));
      }
    }
    assertThat(moved).as("largest entry of a gradient").isGreaterThan(1e-3f);
  }

  private static void close(String what, NDArray one, NDArray other) {
    float[] a = one.toFloatArray();
    float[] b = other.toFloatArray();
    assertThat(a).as(what).hasSameSizeAs(b);
    for (int i = 0; i < a.length; i++) {
      assertThat(a[i]).as(what).isCloseTo(b[i], within(1e-5f * Math.max(1, Math.abs(b[i]))));
    }
  }

  private static NDArray pixels(TensorScope scope) {
    return Plain.array(scope.manager(), Plain.random(1, SAMPLES * 3 * 12 * 12, 4))
        .reshape(SAMPLES, 3, 12, 12);
  }

  private static BackboneRecipe.Vit vit(
      String ffn, String norm, int storage, boolean untieCls, boolean untieLocal, double dropPath) {
    return new BackboneRecipe.Vit(
        4,
        16,
        2,
        2,
        2,
        ffn,
        norm,
        storage,
        0.7,
        dropPath,
        true,
        true,
        untieCls,
        untieLocal,
        100,
        0,
        0,
        0);
  }
}
