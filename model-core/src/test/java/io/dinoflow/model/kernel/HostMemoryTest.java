package io.dinoflow.model.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.tensor.TensorScope;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostMemoryTest {
  @BeforeEach
  void prepare() {
    TorchKernels.prepareThread(1);
  }

  @Test
  void readsAndFillsATensorWhereItLies() throws IOException {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray tensor = scope.create(new float[] {1, 2, 3});
      HostMemory.fill(tensor, bytes -> bytes.asFloatBuffer().put(1, 5));
      List<ByteBuffer> seen = new ArrayList<>();
      HostMemory.read(tensor, seen::add);

      assertThat(HostMemory.floats(tensor)).containsExactly(1, 5, 3);
      assertThat(seen).singleElement().satisfies(b -> assertThat(b.isDirect()).isTrue());
      assertThat(seen.get(0).remaining()).isEqualTo(3 * Float.BYTES);
    }
  }

  @Test
  void readsRowsOfATensorThatLieApart() throws IOException {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      NDArray tokens =
          scope.manager().create(new float[] {1, 2, 3, 4, 5, 6, 7, 8}, new Shape(2, 2, 2));
      List<Float> values = new ArrayList<>();
      HostMemory.read(
          Tensors.token(scope, tokens, 1),
          bytes -> {
            while (bytes.hasRemaining()) {
              values.add(bytes.getFloat());
            }
          });

      assertThat(values).containsExactly(3f, 4f, 7f, 8f);
    }
  }

  @Test
  void givesNumbers() {
    try (TensorScope scope = TensorScope.under(TorchKernels.manager())) {
      assertThat(HostMemory.longs(scope.create(new long[] {7, 9}))).containsExactly(7, 9);
      assertThat(HostMemory.number(scope.create(new float[] {0.5f}))).isEqualTo(0.5f);
    }
  }

  @Test
  void holdsArraysOnTheHost() {
    try (NDManager host = HostMemory.under(TorchKernels.manager())) {
      assertThat(host.zeros(new Shape(2), DataType.INT64).getDevice()).isEqualTo(Device.cpu());
    }
  }
}
