package io.dinoflow.model.kernel;

import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.KernelCalls;
import io.dinoflow.model.recipe.ComputeRecipe;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The loaded kernels of this process.
 *
 * <p>Results belong to the manager the caller names. Thread-safe; every thread that computes calls
 * {@link #prepareThread} first, since device, grad mode, executor and threads are per thread.
 */
public final class TorchKernels {
  private static final ThreadLocal<ComputeDevice> DEVICE =
      ThreadLocal.withInitial(() -> ComputeDevice.CPU);

  private static final class Loaded {
    private static final Map<ComputeDevice, NDManager> MANAGERS = new ConcurrentHashMap<>();
    // Held for the life of the process: a finalized model frees its module.
    private static final Model MODEL = load();
    private static final PtSymbolBlock MODULE = (PtSymbolBlock) MODEL.getBlock();

    private static Model load() {
      Accelerators.here().chooseNatives();
      // it holds no tensors: a kernel runs where its arguments lie
      Model model = Model.newInstance("kernels", Device.cpu(), "PyTorch");
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

  /** Where this thread computes. */
  public static ComputeDevice device() {
    return DEVICE.get();
  }

  /** Parent of all long-lived arrays of this thread, on its device. */
  public static NDManager manager() {
    return Loaded.MANAGERS.computeIfAbsent(DEVICE.get(), TorchKernels::open);
  }

  /** The first tensor tells whether the engine really computes there. */
  private static NDManager open(ComputeDevice device) {
    NDManager manager =
        NDManager.newBaseManager(
            device.cuda().isPresent() ? Device.gpu(device.cuda().getAsInt()) : Device.cpu());
    try (NDArray tried = manager.zeros(new Shape(1))) {
      HostMemory.number(tried);
      return manager;
    } catch (EngineException e) {
      manager.close();
      throw new IllegalArgumentException(
          "compute.device is %s, but %s cannot compute on it (%s): take a device that is there, or cpu"
              .formatted(device, NativeLibrary.here().words(), firstLine(e)),
          e);
    }
  }

  private static String firstLine(EngineException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /**
   * Sets this thread's mode as a recipe wants it.
   *
   * @throws IllegalArgumentException it wants a device that is not here
   */
  public static void prepareThread(ComputeRecipe compute) {
    prepareThread(ComputeDevice.of(compute.device()), compute.threads());
  }

  /**
   * Sets this thread's mode for the processor.
   *
   * @param threads intra-op threads
   */
  public static void prepareThread(int threads) {
    prepareThread(ComputeDevice.CPU, threads);
  }

  /**
   * Sets this thread's mode: its device, no gradients, plain executor, so many intra-op threads.
   *
   * @param threads intra-op threads of what the processor computes
   * @throws IllegalArgumentException the engine cannot compute on the device
   */
  public static void prepareThread(ComputeDevice device, int threads) {
    DEVICE.set(device);
    manager();
    JniUtils.setGraphExecutorOptimize(false);
    JniUtils.setGradMode(false);
    JniUtils.setNumThreads(threads);
  }

  /** Waits until this thread's device has done what was handed to it; at once on the processor. */
  public static void finish() {
    if (DEVICE.get().cuda().isPresent()) {
      try (NDArray last = manager().zeros(new Shape(1))) {
        HostMemory.number(last);
      }
    }
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
