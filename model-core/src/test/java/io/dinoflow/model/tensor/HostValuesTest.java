package io.dinoflow.model.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.TorchKernels;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HostValuesTest {
  private TensorScope scope;

  @BeforeEach
  void open() {
    TorchKernels.prepareThread(1);
    scope = TensorScope.under(TorchKernels.manager());
  }

  @AfterEach
  void close() {
    scope.close();
  }

  @Test
  void holdsACopyOfWhatItWasMadeOf() {
    float[] values = {1, 2, 3, 4, 5, 6};
    NDArray tensor = scope.create(values, new Shape(2, 3));
    values[0] = 9;
    assertThat(tensor.getShape()).isEqualTo(new Shape(2, 3));
    assertThat(tensor.toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
  }

  @Test
  void takesWhatIsLeftOfABufferAndLeavesItsPosition() {
    FloatBuffer values = FloatBuffer.wrap(new float[] {1, 2, 3, 4, 5}).position(1).limit(4);
    NDArray tensor = scope.create(values, new Shape(3));
    assertThat(tensor.toFloatArray()).containsExactly(2, 3, 4);
    assertThat(values.position()).isEqualTo(1);
    ByteBuffer mask = ByteBuffer.wrap(new byte[] {1, 0, 1});
    assertThat(scope.create(mask, new Shape(3), DataType.BOOLEAN).toBooleanArray())
        .containsExactly(true, false, true);
    assertThat(mask.position()).isZero();
  }

  @Test
  void knowsScalarsAndNothing() {
    assertThat(scope.create(new float[] {2}, new Shape()).getFloat()).isEqualTo(2);
    assertThat(scope.create(new long[] {1L << 40, -1}).toLongArray()).containsExactly(1L << 40, -1);
    assertThat(scope.create(new float[0]).getShape()).isEqualTo(new Shape(0));
    assertThat(scope.create(new long[0]).getDataType()).isEqualTo(DataType.INT64);
  }

  @Test
  void refusesAnotherNumberOfValues() {
    assertThatThrownBy(() -> scope.create(new float[5], new Shape(2, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("5 values do not fill a tensor of shape (2, 3), which takes 6");
  }
}
