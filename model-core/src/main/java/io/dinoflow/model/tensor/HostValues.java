package io.dinoflow.model.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.function.Consumer;

/**
 * Tensors of values that Java holds, copied to memory that is freed with the tensor.
 *
 * <p>The engine would put them into a direct buffer instead, which is freed when the garbage
 * collector finds it: with a heap that hardly fills, many steps later.
 */
public final class HostValues {
  private HostValues() {}

  public static NDArray tensor(NDManager manager, FloatBuffer values, Shape shape) {
    return made(
        manager,
        values,
        shape,
        DataType.FLOAT32,
        memory -> memory.asFloatBuffer().put(values.duplicate()));
  }

  public static NDArray tensor(NDManager manager, float[] values, Shape shape) {
    return tensor(manager, FloatBuffer.wrap(values), shape);
  }

  public static NDArray tensor(NDManager manager, long[] values, Shape shape) {
    return made(
        manager,
        LongBuffer.wrap(values),
        shape,
        DataType.INT64,
        memory -> memory.asLongBuffer().put(values));
  }

  /** Of one byte a value, such as a mask. */
  public static NDArray tensor(NDManager manager, ByteBuffer values, Shape shape, DataType type) {
    return made(manager, values, shape, type, memory -> memory.put(values.duplicate()));
  }

  private static NDArray made(
      NDManager manager, Buffer values, Shape shape, DataType type, Consumer<ByteBuffer> copy) {
    if (values.remaining() != shape.size()) {
      throw new IllegalArgumentException(
          "%d values do not fill a tensor of shape %s, which takes %d"
              .formatted(values.remaining(), shape, shape.size()));
    }
    if (manager.getDevice().isGpu()) {
      return manager.create(values, shape, type);
    }
    NDArray tensor = manager.create(shape, type);
    if (shape.size() > 0) {
      copy.accept(tensor.toByteBuffer(true));
    }
    return tensor;
  }
}
