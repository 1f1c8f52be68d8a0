package io.dinoflow.model.kernel;

import ai.djl.ndarray.NDList;
import io.dinoflow.model.tensor.TensorScope;

/** Exponential moving average of parameters. */
public final class Ema {
  private Ema() {}

  /** Moves {@code averages} in place: t = m t + (1 - m) s. */
  public static void update(TensorScope scope, NDList averages, NDList values, double momentum) {
    TorchKernels.call(scope.manager(), "ema_", averages, values, momentum);
  }
}
