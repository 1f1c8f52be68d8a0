package io.dinoflow.storage.checkpoint;

/**
 * What computed a state, as far as it can change its bits.
 *
 * @param engine name and version of the tensor engine
 * @param kernelDigest of the kernel texts
 * @param device such as {@code cpu} or {@code cuda:NVIDIA H100}
 * @param instructionSet such as {@code avx512}
 * @param codeVersion of dinoflow
 */
public record Environment(
    String engine,
    String kernelDigest,
    int threads,
    String device,
    String instructionSet,
    String codeVersion) {}
