/**
 * The only users of the PyTorch engine: TorchScript texts, the archive they are packed into, and
 * typed façades that call them.
 *
 * <p>Kernels are pure functions of tensors without randomness; Java owns structure, parameters,
 * randomness, schedules and memory. Start at {@link io.dinoflow.model.kernel.TorchKernels}.
 */
package io.dinoflow.model.kernel;
