package io.dinoflow.model.recipe;

/**
 * How the arithmetic is done. Part of a run's identity: another thread count gives other last bits.
 *
 * @param threads intra-op threads; 0 means the worker machine's cores and is replaced by that
 *     number when the run is opened
 * @param device {@code auto}, {@code cpu} or {@code cuda:N}
 */
public record ComputeRecipe(int threads, NumberFormat precision, String device) {

  /** Format of matrix products; master weights, norms, softmax, losses and optimizer stay fp32. */
  public enum NumberFormat {
    fp32,
    bf16
  }

  public ComputeRecipe {
    Check.within("compute.threads", threads, 0, 1024);
    if (!device.matches("auto|cpu|cuda:[0-9]+")) {
      throw new IllegalArgumentException(
          "compute.device is \"%s\", must be auto, cpu or cuda:N".formatted(device));
    }
  }

  public ComputeRecipe withThreads(int resolved) {
    return new ComputeRecipe(resolved, precision, device);
  }
}
