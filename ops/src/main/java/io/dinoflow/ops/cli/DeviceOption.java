package io.dinoflow.ops.cli;

import io.dinoflow.model.kernel.ComputeDevice;
import io.dinoflow.ops.ExitCode;

/** {@code --device} of a command that computes in a process of its own. */
final class DeviceOption {
  static final String LABEL = "auto|cpu|cuda:N";
  static final String WORDS =
      "Where it computes: auto takes a GPU where there is one (default: auto).";

  private DeviceOption() {}

  /** The device, which is here. */
  static ComputeDevice of(String wanted) throws CliFailure {
    try {
      return ComputeDevice.of(wanted);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new CliFailure(
          ExitCode.USAGE,
          "--device " + wanted + " cannot be computed on",
          String.valueOf(e.getMessage()),
          "`dinoflow doctor` says what is here");
    }
  }
}
