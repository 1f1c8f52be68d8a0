package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.jni.JniUtils;
import io.dinoflow.model.tensor.TensorScope;
import java.util.List;

/** Differentiable ways to take tensors apart and put them together. */
public final class Tensors {
  private Tensors() {}

  /** Rows of {@code a}, then rows of {@code b}. */
  public static NDArray concat(TensorScope scope, NDArray a, NDArray b) {
    return TorchKernels.call(scope.manager(), "concat", a, b);
  }

  /** Joined along the last axis. */
  public static NDArray concatLast(TensorScope scope, NDArray a, NDArray b) {
    return TorchKernels.call(scope.manager(), "concat_last", a, b);
  }

  /** (B, N1, D), (B, N2, D), ... to (B, N1 + N2 + ..., D). */
  public static NDArray concatTokens(TensorScope scope, NDArray... parts) {
    return TorchKernels.call(scope.manager(), "concat_tokens", new NDList(parts));
  }

  /** (B, D) before (B, S, D) and (B, N, D): (B, 1 + S + N, D). */
  public static NDArray withClassToken(
      TensorScope scope, NDArray cls_BD, NDArray storage_BSD, NDArray patches_BND) {
    return TorchKernels.call(scope.manager(), "with_class_token", cls_BD, storage_BSD, patches_BND);
  }

  /** Rows from {@code start} to before {@code stop}. */
  public static NDArray rows(TensorScope scope, NDArray x, long start, long stop) {
    return TorchKernels.call(scope.manager(), "rows", x, start, stop);
  }

  /** Rows of (N, ...) at the indexes. */
  public static NDArray rowsAt(TensorScope scope, NDArray x, NDArray index_M) {
    return TorchKernels.call(scope.manager(), "rows_at", x, index_M);
  }

  /** Tokens from {@code start} to before {@code stop} of (B, N, D). */
  public static NDArray tokens(TensorScope scope, NDArray x_BND, long start, long stop) {
    return TorchKernels.call(scope.manager(), "tokens_between", x_BND, start, stop);
  }

  /** Token {@code index} of (B, N, D) as (B, D). */
  public static NDArray token(TensorScope scope, NDArray x_BND, long index) {
    return TorchKernels.call(scope.manager(), "token", x_BND, index);
  }

  /** Rows of the flattened (B * N, D) at the indexes. */
  public static NDArray pick(TensorScope scope, NDArray x_BND, NDArray index_M) {
    return TorchKernels.call(scope.manager(), "pick", x_BND, index_M);
  }

  /** One token of each row: (B, N, D) and (B) to (B, D). */
  public static NDArray pickToken(TensorScope scope, NDArray x_BND, NDArray index_B) {
    return TorchKernels.call(scope.manager(), "pick_token", x_BND, index_B);
  }

  /** Rows of (U, D) at the indexes, as often as they are named. */
  public static NDArray pickRows(TensorScope scope, NDArray x_UD, NDArray index_B) {
    return TorchKernels.call(scope.manager(), "pick_rows", x_UD, index_B);
  }

  /** Largest value over tokens: (B, N, D) to (B, D). */
  public static NDArray maxTokens(TensorScope scope, NDArray x_BND) {
    return TorchKernels.call(scope.manager(), "max_tokens", x_BND);
  }

  /** Mean over tokens: (B, N, D) to (B, D). */
  public static NDArray meanTokens(TensorScope scope, NDArray x_BND) {
    return TorchKernels.call(scope.manager(), "mean_tokens", x_BND);
  }

  /**
   * What evaluations read, in fp32: class tokens (B, D) and the mean of patches (B, N, D), (B, 2D).
   */
  public static NDArray clsAndMeanPatch(TensorScope scope, NDArray cls_BD, NDArray patches_BND) {
    return TorchKernels.call(scope.manager(), "cls_and_mean_patch", cls_BD, patches_BND);
  }

  /** Sum of scalars, each times its weight. */
  public static NDArray weightedSum(TensorScope scope, List<NDArray> scalars, double[] weights) {
    float[] w = new float[weights.length];
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) weights[i];
    }
    return TorchKernels.call(scope.manager(), "weighted_sum", new NDList(scalars), scope.create(w));
  }

  /** Rows scaled to L2 norm 1. */
  public static NDArray normalize(TensorScope scope, NDArray x, double epsilon) {
    return TorchKernels.call(scope.manager(), "normalize", x, epsilon);
  }

  /** x times the transpose of a weight, without bias. */
  public static NDArray linear(TensorScope scope, NDArray x, NDArray weight) {
    return TorchKernels.call(scope.manager(), "linear_nobias", x, weight);
  }

  /** Copies values in place; shapes must be equal. */
  public static void copy(NDArray into, NDArray from) {
    if (!into.getShape().equals(from.getShape())) {
      throw new IllegalArgumentException(
          "shape %s does not fit %s".formatted(from.getShape(), into.getShape()));
    }
    // The kernel's answer is a second handle of the same tensor: left open, one stays every time.
    TorchKernels.call(from.getManager(), "copy_", into, from).close();
  }

  /**
   * Copies values of a list in place, on this thread alone: compute threads that wait for each
   * other at every tensor cost more than they save where other work shares the cores.
   *
   * @param from of the shapes of {@code into}, entry by entry
   */
  public static void copyAll(NDList into, NDList from) {
    if (into.isEmpty()) {
      return;
    }
    int threads = JniUtils.getNumThreads();
    JniUtils.setNumThreads(1);
    try {
      TorchKernels.call(from.get(0).getManager(), "copy_lists_", into, from).close();
    } finally {
      JniUtils.setNumThreads(threads);
    }
  }

  /** Keeps values within limits, in place. */
  public static void clamp(TensorScope scope, NDArray x, double low, double high) {
    TorchKernels.call(scope.manager(), "clamp_", x, low, high);
  }
}
