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

  /** A tensor with a copy of the buffer's values. */
  public NDArray create(FloatBuffer values, Shape shape) {
    return HostValues.tensor(manager, values, shape);
  }

  /** A tensor with a copy of the buffer's bytes, such as a mask. */
  public NDArray create(ByteBuffer values, Shape shape, DataType type) {
    return HostValues.tensor(manager, values, shape, type);
  }

  public NDArray create(float[] values) {
    return create(values, new Shape(values.length));
  }

  public NDArray create(float[] values, Shape shape) {
    return HostValues.tensor(manager, values, shape);
  }

  public NDArray create(long[] values) {
    return create(values, new Shape(values.length));
  }

  public NDArray create(long[] values, Shape shape) {
    return HostValues.tensor(manager, values, shape);
  }

  @Override
  public void close() {
    manager.close();
  }
}
