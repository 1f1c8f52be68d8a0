package io.dinoflow.activity.support;

import io.dinoflow.model.kernel.Accelerators;
import io.dinoflow.model.recipe.ComputeRecipe;
import io.dinoflow.storage.checkpoint.Environment;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What computes here, as far as it can change a result's bits.
 *
 * @param engine name and version of the tensor engine
 * @param kernelDigest of the kernel texts
 * @param accelerators that a process of this machine sees, and its libtorch
 * @param instructionSet the widest vector instructions of the processor
 * @param codeVersion of dinoflow
 */
public record Machine(
    String engine,
    String kernelDigest,
    int cores,
    Accelerators accelerators,
    String instructionSet,
    String codeVersion) {

  /**
   * This machine, as far as files tell: no native code is loaded for it.
   *
   * @throws IllegalStateException it is told to compute with a libtorch that is not there
   */
  public static Machine here(String engine, String kernelDigest, String codeVersion) {
    return new Machine(
        engine,
        kernelDigest,
        Runtime.getRuntime().availableProcessors(),
        Accelerators.here(),
        processorInstructions(),
        codeVersion);
  }

  public Environment environment(ComputeRecipe compute) {
    return new Environment(
        engineWithLibrary(),
        kernelDigest,
        compute.threads(),
        accelerators.recorded(compute.device()),
        instructionSet,
        codeVersion);
  }

  /** Another build of libtorch than the one among the jars may add up otherwise. */
  private String engineWithLibrary() {
    return accelerators.library().folder().isEmpty()
        ? engine
        : engine + ", libtorch " + accelerators.library().version();
  }

  private static String processorInstructions() {
    Path info = Path.of("/proc/cpuinfo");
    String arch = System.getProperty("os.arch", "unknown").toLowerCase(Locale.ROOT);
    if (!Files.isReadable(info)) {
      return arch;
    }
    try {
      String flags = Files.readString(info, StandardCharsets.ISO_8859_1);
      if (flags.contains(" avx512f")) {
        return arch + "+avx512";
      }
      return flags.contains(" avx2") ? arch + "+avx2" : arch;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(info + " cannot be read", e);
    }
  }
}
