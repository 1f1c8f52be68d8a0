package io.dinoflow.model.kernel;

import java.util.OptionalInt;

/**
 * Where a thread's tensors lie and its kernels run.
 *
 * @param cuda index of an NVIDIA GPU; empty for the processor
 */
public record ComputeDevice(OptionalInt cuda) {
  /** The processor. */
  public static final ComputeDevice CPU = new ComputeDevice(OptionalInt.empty());

  static ComputeDevice cuda(int index) {
    return new ComputeDevice(OptionalInt.of(index));
  }

  /**
   * What {@code auto}, {@code cpu} or {@code cuda:N} means on this machine.
   *
   * @throws IllegalArgumentException this machine, or its libtorch, has no such device
   */
  public static ComputeDevice of(String wanted) {
    return Accelerators.here().device(wanted);
  }

  /** As recipes write it. */
  @Override
  public String toString() {
    return cuda.isPresent() ? "cuda:" + cuda.getAsInt() : "cpu";
  }
}
