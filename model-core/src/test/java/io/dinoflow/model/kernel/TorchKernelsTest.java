package io.dinoflow.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.recipe.ComputeRecipe;
import io.dinoflow.model.tensor.TensorScope;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class TorchKernelsTest {
  @Test
  void computesOnTheProcessor() {
    TorchKernels.prepareThread(compute("cpu"));
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray sum =
          Tensors.concat(scope, scope.create(new float[] {1}), scope.create(new float[] {2}));

      assertThat(sum.getDevice()).isEqualTo(Device.cpu());
      assertThat(HostMemory.floats(sum)).containsExactly(1, 2);
    }
    TorchKernels.finish();
  }

  @Test
  void autoComputesWhereTheMachineCan() {
    TorchKernels.prepareThread(compute("auto"));

    assertThat(TorchKernels.manager().getDevice().isGpu()).isEqualTo(Accelerators.here().usable());
  }

  /** One more than there can be: no library computes there, and each says why in its own words. */
  @Test
  void aDeviceThatItDoesNotComputeOnIsRefusedInASentence() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TorchKernels.prepareThread(compute("cuda:99")))
        .withMessageStartingWith("compute.device is cuda:99, but ")
        .withMessageContaining(": ");
  }

  @Test
  void theDeviceIsAThreadsOwn() throws Exception {
    TorchKernels.prepareThread(compute("auto"));
    NDManager own = TorchKernels.manager();
    FutureTask<NDManager> other =
        new FutureTask<>(
            () -> {
              TorchKernels.prepareThread(1);
              return TorchKernels.manager();
            });
    Thread thread = new Thread(other, "other");
    thread.start();

    assertThat(other.get().getDevice()).isEqualTo(Device.cpu());
    assertThat(TorchKernels.manager()).isSameAs(own);
    thread.join();
  }

  private static ComputeRecipe compute(String device) {
    return new ComputeRecipe(1, ComputeRecipe.NumberFormat.fp32, device);
  }
}
