package ai.djl.pytorch.jni;

import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * The typed call of a TorchScript method.
 *
 * <p>It stands in DJL's package to reach the package-private native library: the public typed call
 * forces inference mode, which forbids gradients, and the public forward takes tensors only.
 */
public final class KernelCalls {
  private KernelCalls() {}

  /**
   * Runs a method of a loaded module.
   *
   * @param results owner of the returned arrays
   * @param arguments NDArray (a tensor), NDList (a list of tensors), Double, Long, Integer or
   *     Boolean
   */
  public static NDList run(
      PtSymbolBlock module, PtNDManager results, String method, Object... arguments) {
    IValue[] values = new IValue[arguments.length];
    long[] handles = new long[arguments.length];
    int made = 0;
    try {
      for (Object argument : arguments) {
        values[made] = value(argument);
        handles[made] = values[made].getHandle();
        made++;
      }
      try (IValue result =
          new IValue(
              PyTorchLibrary.LIB.moduleRunMethod(
                  module.getHandle(), method, handles, true, false))) {
        return result.toNDList(results);
      }
    } finally {
      for (int i = 0; i < made; i++) {
        values[i].close();
      }
    }
  }

  private static IValue value(Object argument) {
    if (argument instanceof PtNDArray tensor) {
      return IValue.from(tensor);
    }
    if (argument instanceof NDList list) {
      PtNDArray[] tensors = new PtNDArray[list.size()];
      for (int i = 0; i < tensors.length; i++) {
        tensors[i] = (PtNDArray) list.get(i);
      }
      return IValue.listFrom(tensors);
    }
    if (argument instanceof Double number) {
      return IValue.from(number.doubleValue());
    }
    if (argument instanceof Boolean flag) {
      return IValue.from(flag.booleanValue());
    }
    if (argument instanceof Number number) {
      return IValue.from(number.longValue());
    }
    throw new IllegalArgumentException("no kernel argument: " + argument.getClass());
  }
}
