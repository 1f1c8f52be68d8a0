package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Scratch;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.bench.Measurement;
import io.dinoflow.ops.bench.Python;
import io.dinoflow.ops.bench.StepBench;
import io.dinoflow.ops.bench.StepSetting;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How long a training step takes. */
@CommandLine.Command(
    name = "step",
    description = {
      "Measure the product's own training step in a process like a worker's: two global crops of"
          + " 112 pixels and eight local ones of 48, eight pictures, on one fixed batch.",
      "With --against python, in turns with a plain PyTorch step of the same network on the same"
          + " weights, batch and threads; with --against itself, in turns with a second process of"
          + " ours that keeps all activations, and whether both end with the same weights. No"
          + " service is needed."
    })
final class BenchStepCommand extends Command {
  private static final List<String> PACKAGES = List.of("torch", "safetensors");

  /** What the step can be held against. */
  private enum Against {
    python,
    itself
  }

  @Option(
      names = "--precision",
      paramLabel = "fp32|bf16",
      defaultValue = "fp32",
      description = "Format of matrix products (default: ${DEFAULT-VALUE}).")
  private StepSetting.Precision precision = StepSetting.Precision.fp32;

  @Option(
      names = "--width",
      paramLabel = "small|base|tiny",
      defaultValue = "small",
      description =
          "small: ViT-S/16 (384 wide, 12 blocks); base: four blocks of ViT-B/16;"
              + " tiny: to see that it runs (default: ${DEFAULT-VALUE}).")
  private StepSetting.Width width = StepSetting.Width.small;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "30",
      description = "Measured steps, of each where there are two (default: ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(names = "--device", paramLabel = DeviceOption.LABEL, description = DeviceOption.WORDS)
  private String device = "auto";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of one tensor operation (default: the cores).")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = "--activation-checkpointing",
      description = "Compute the inside of blocks again on the way back instead of keeping it.")
  private boolean recomputing;

  @Option(
      names = "--against",
      paramLabel = "python|itself",
      description =
          "What to hold it against: the python that DINOFLOW_PYTHON names, or that of PATH; or a"
              + " second process of ours.")
  private Optional<Against> against = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    int cores =
        Limits.positive(
            "--threads", threads.orElseGet(() -> Runtime.getRuntime().availableProcessors()));
    StepBench bench =
        new StepBench(
            new StepSetting(
                precision,
                width,
                DeviceOption.of(device).toString(),
                cores,
                recomputing ? StepSetting.Kept.inputs : StepSetting.Kept.all),
            Limits.positive("--pairs", pairs));
    Optional<Python> python =
        against.equals(Optional.of(Against.python)) ? Optional.of(python()) : Optional.empty();
    try (Scratch.Folder scratch = Scratch.under(home().scratch().resolve("cli")).folder("bench")) {
      BenchCommands.print(this, measure(bench, python, scratch));
    }
    return ExitCode.OK;
  }

  private List<Measurement> measure(
      StepBench bench, Optional<Python> python, Scratch.Folder scratch) throws Exception {
    if (against.equals(Optional.of(Against.itself))) {
      return bench.runTwice(scratch.path(), printer()::note);
    }
    if (python.isEmpty()) {
      return bench.run(scratch.path(), printer()::note);
    }
    try {
      return bench.run(python.get(), scratch.path(), printer()::note);
    } catch (StepBench.DifferentLossException e) {
      throw new CliFailure(
          ExitCode.RUN_FAILED,
          "the two steps cannot be compared",
          String.valueOf(e.getMessage()),
          "report it with the versions of torch and dinoflow");
    }
  }

  private Python python() {
    return BenchPython.with(
        PACKAGES,
        environment(),
        "there is no PyTorch to hold the step against",
        "torch transformers safetensors");
  }
}
