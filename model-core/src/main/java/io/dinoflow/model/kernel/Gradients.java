package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.jni.JniUtils;
import io.dinoflow.model.tensor.TensorScope;

/** Gradients by reverse mode: fresh arrays, no collector, nothing to zero. */
public final class Gradients {
  private Gradients() {}

  /** While it is open, this thread's kernels record what gradients need. */
  public static Recording record() {
    JniUtils.setGradMode(true);
    return new Recording();
  }

  /** While it is open within a recording, nothing is recorded. */
  public static Pause pause() {
    JniUtils.setGradMode(false);
    return new Pause();
  }

  /** Goes on recording when it is closed. */
  public static final class Pause implements AutoCloseable {
    private Pause() {}

    @Override
    public void close() {
      JniUtils.setGradMode(true);
    }
  }

  /** Ends the recording when it is closed. */
  public static final class Recording implements AutoCloseable {
    private Recording() {}

    @Override
    public void close() {
      JniUtils.setGradMode(false);
    }
  }

  /**
   * Gradients of a scalar with respect to parameters; zeros where it does not depend on one.
   *
   * @return in the order of {@code parameters}
   */
  public static NDList of(TensorScope scope, NDArray loss, NDList parameters) {
    return TorchKernels.run(scope.manager(), "grads", loss, parameters);
  }

  /**
   * Products of cotangents with the Jacobian of outputs with respect to inputs: one stretch of
   * reverse mode.
   *
   * @param cotangents one for each output, of its shape
   * @param inputs leaves or not
   * @return in the order of {@code inputs}; an empty array where an input does not record, or no
   *     output depends on it
   */
  public static NDList through(
      TensorScope scope, NDList outputs, NDList cotangents, NDList inputs) {
    return TorchKernels.run(scope.manager(), "vjp", outputs, cotangents, inputs);
  }

  /** Sums of two lists, entry by entry. */
  public static NDList sum(TensorScope scope, NDList a, NDList b) {
    return TorchKernels.run(scope.manager(), "add_lists", a, b);
  }

  /**
   * Scales gradients in place so that their common L2 norm is at most {@code maxNorm}: factor max /
   * (norm + 1e-6), capped at 1.
   *
   * @return the norm before
   */
  public static float clip(TensorScope scope, NDList gradients, double maxNorm) {
    return HostMemory.number(TorchKernels.call(scope.manager(), "clip_", gradients, maxNorm));
  }
}
