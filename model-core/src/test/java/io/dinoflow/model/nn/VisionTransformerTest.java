package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.List;
import org.junit.jupiter.api.Test;

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
          .isEqualTo(
              vit.forward(scope, weights, pixels, Pass.eval()).prenorm_BTD().toFloatArray());
    }
  }
}
