package io.dinoflow.activity.support;

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
 * @param device of the training worker
 * @param instructionSet the widest vector instructions of the processor
 * @param codeVersion of dinoflow
 */
public record Machine(
    String engine,
    String kernelDigest,
    int cores,
    String device,
    String instructionSet,
    String codeVersion) {

  /** This machine on its processor. */
  public static Machine ofProcessor(String engine, String kernelDigest, String codeVersion) {
    return new Machine(
        engine,
        kernelDigest,
        Runtime.getRuntime().availableProcessors(),
        "cpu",
        processorInstructions(),
        codeVersion);
  }

  public Environment environment(ComputeRecipe compute) {
    return new Environment(
        engine, kernelDigest, compute.threads(), deviceOf(compute), instructionSet, codeVersion);
  }

  private String deviceOf(ComputeRecipe compute) {
    return compute.device().equals("auto") ? device : compute.device();
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
