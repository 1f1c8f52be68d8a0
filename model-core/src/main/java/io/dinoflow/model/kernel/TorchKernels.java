package io.dinoflow.model.kernel;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.KernelCalls;
import io.dinoflow.model.recipe.ComputeRecipe;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/**
 * The loaded kernels of this process.
 *
 * <p>Results belong to the manager the caller names. Thread-safe; every thread that computes calls
 * {@link #prepareThread} first, since grad mode, executor and threads are per thread.
 */
public final class TorchKernels {
  private static final class Loaded {
    private static final NDManager MANAGER = NDManager.newBaseManager(Device.cpu());
    // Held for the life of the process: a finalized model frees its module.
    private static final Model MODEL = load();
    private static final PtSymbolBlock MODULE = (PtSymbolBlock) MODEL.getBlock();

    private static Model load() {
      Model model = Model.newInstance("kernels", "PyTorch");
      try {
        model.load(new ByteArrayInputStream(KernelArchive.bytes()), Map.of());
      } catch (IOException e) {
        throw new UncheckedIOException("cannot load the kernels", e);
      } catch (MalformedModelException e) {
        throw new IllegalStateException("the kernel texts do not compile: " + e.getMessage(), e);
      }
      return model;
    }
  }

  private TorchKernels() {}

  /** Parent of all long-lived arrays. */
  public static NDManager manager() {
    return Loaded.MANAGER;
  }

  /**
   * Sets this thread's mode as a recipe wants it.
   *
   * @throws IllegalArgumentException it wants a device that this engine does not compute on
   */
  public static void prepareThread(ComputeRecipe compute) {
    if (compute.device().startsWith("cuda")) {
      throw new IllegalArgumentException(
          "compute.device is %s, but this engine computes on the CPU: take auto or cpu"
              .formatted(compute.device()));
    }
    prepareThread(compute.threads());
  }

  /**
   * Sets this thread's mode: no gradients, plain executor, so many intra-op threads.
   *
   * @param threads intra-op threads
   */
  public static void prepareThread(int threads) {
    manager();
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(false);
    JniUtils.setNumThreads(threads);
  }

  /** Runs a kernel that gives several tensors. */
  public static NDList run(NDManager results, String kernel, Object... arguments) {
    return KernelCalls.run(Loaded.MODULE, (PtNDManager) results, kernel, arguments);
  }

  /** Runs a kernel that gives one tensor. */
  public static NDArray call(NDManager results, String kernel, Object... arguments) {
    return run(results, kernel, arguments).get(0);
  }
}
