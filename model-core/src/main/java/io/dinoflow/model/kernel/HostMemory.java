package io.dinoflow.model.kernel;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The one place where a tensor's bytes become the host's, and the other way where they go into a
 * tensor that is there. Memory of the processor is looked at where it lies; of another device a
 * copy is made, and freed before the call returns.
 *
 * <p>New tensors are made of host values by {@link io.dinoflow.model.tensor.HostValues}.
 */
public final class HostMemory {
  private HostMemory() {}

  /** Reads or fills bytes; they are valid only until it returns. */
  @FunctionalInterface
  public interface Bytes {
    /** Takes the bytes at once: they are of tensor memory that may be freed or moved after it. */
    void accept(ByteBuffer bytes) throws IOException;
  }

  /** Holds the arrays of a manager's room in host memory, whatever its device. */
  public static NDManager under(NDManager parent) {
    return parent.newSubManager(Device.cpu());
  }

  /** Shows a tensor's bytes in this machine's order. */
  public static void read(NDArray tensor, Bytes reader) throws IOException {
    if (isHost(tensor)) {
      reader.accept(tensor.toByteBuffer(true));
      return;
    }
    try (NDArray copy = tensor.toDevice(Device.cpu(), true)) {
      reader.accept(copy.toByteBuffer(true));
    }
  }

  /** Lets a tensor's bytes be filled, all of them. */
  public static void fill(NDArray tensor, Bytes filler) throws IOException {
    if (isHost(tensor)) {
      filler.accept(tensor.toByteBuffer(true));
      return;
    }
    try (NDManager host = under(tensor.getManager())) {
      NDArray staged = host.zeros(tensor.getShape(), tensor.getDataType());
      filler.accept(staged.toByteBuffer(true));
      Tensors.copy(tensor, staged);
    }
  }

  /** The values of an fp32 tensor. */
  public static float[] floats(NDArray tensor) {
    if (isHost(tensor)) {
      return tensor.toFloatArray();
    }
    try (NDArray copy = tensor.toDevice(Device.cpu(), true)) {
      return copy.toFloatArray();
    }
  }

  /** The value of an fp32 tensor of one element; waits until its device has computed it. */
  public static float number(NDArray tensor) {
    return floats(tensor)[0];
  }

  /** The values of an int64 tensor. */
  public static long[] longs(NDArray tensor) {
    if (isHost(tensor)) {
      return tensor.toLongArray();
    }
    try (NDArray copy = tensor.toDevice(Device.cpu(), true)) {
      return copy.toLongArray();
    }
  }

  private static boolean isHost(NDArray tensor) {
    return !tensor.getDevice().isGpu();
  }
}
