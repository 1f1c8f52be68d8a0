package io.dinoflow.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.ndarray.NDArray;
import io.dinoflow.model.recipe.ComputeRecipe;
import io.dinoflow.model.tensor.TensorScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TorchKernelsTest {
  @ParameterizedTest
  @ValueSource(strings = {"auto", "cpu"})
  void computesOnTheCpu(String device) {
    TorchKernels.prepareThread(compute(device));
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray sum =
          Tensors.concat(scope, scope.create(new float[] {1}), scope.create(new float[] {2}));

      assertThat(sum.getDevice().isGpu()).isFalse();
      assertThat(sum.toFloatArray()).containsExactly(1, 2);
    }
  }

  @Test
  void aDeviceThatItDoesNotComputeOnIsRefusedInASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TorchKernels.prepareThread(compute("cuda:0")))
        .withMessage(
            "compute.device is cuda:0, but this engine computes on the CPU: take auto or cpu");
  }

  private static ComputeRecipe compute(String device) {
    return new ComputeRecipe(1, ComputeRecipe.NumberFormat.fp32, device);
  }
}
