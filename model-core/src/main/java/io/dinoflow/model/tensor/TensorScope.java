package io.dinoflow.model.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/**
 * Owner of native memory for one step or one piece of it: all that is made in a scope is freed when
 * it closes.
 *
 * <p>Whoever opens a scope closes it in the same method. One thread uses a scope.
 */
public final class TensorScope implements AutoCloseable {
  private final NDManager manager;

  private TensorScope(NDManager manager) {
    this.manager = manager;
  }

  /** A scope under a long-lived manager. */
  public static TensorScope under(NDManager parent) {
    return new TensorScope(parent.newSubManager());
  }

  /** A scope that ends before this one. */
  public TensorScope nested() {
    return under(manager);
  }

  public NDManager manager() {
    return manager;
  }

  /** Takes over an array of a nested scope, so that it outlives that scope. */
  public NDArray adopt(NDArray array) {
    array.attach(manager);
    return array;
  }

  /** A tensor over the buffer's memory: the buffer must stay as it is while the scope is open. */
  public NDArray create(FloatBuffer direct, Shape shape) {
    return manager.create(direct, shape, DataType.FLOAT32);
  }

  /** A tensor of bytes over the buffer's memory, such as a mask. */
  public NDArray create(ByteBuffer direct, Shape shape, DataType type) {
    return manager.create(direct, shape, type);
  }

  public NDArray create(float[] values) {
    return manager.create(values);
  }

  public NDArray create(long[] values) {
    return manager.create(values);
  }

  @Override
  public void close() {
    manager.close();
  }
}
