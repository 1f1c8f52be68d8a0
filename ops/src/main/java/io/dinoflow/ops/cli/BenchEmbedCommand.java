package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.recipe.ComputeRecipe.NumberFormat;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.bench.EmbedBench;
import io.dinoflow.ops.bench.EmbedSetting;
import io.dinoflow.ops.bench.Measurement;
import io.dinoflow.ops.bench.Python;
import io.dinoflow.ops.embedded.NativeCode;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How many pictures a second become features. */
@CommandLine.Command(
    name = "embed",
    description = {
      "Measure what `embed` does, from JPEG files that are made for this to a file of features, by"
          + " a frozen ViT that is made for it, in a process like a worker's.",
      "With --against python, in turns with transformers' model of the same directory on the same"
          + " pictures and threads. No service is needed."
    })
final class BenchEmbedCommand extends Command {
  private static final List<String> PACKAGES =
      List.of("torch", "torchvision", "transformers", "safetensors", "PIL");

  /** What it can be held against. */
  private enum Against {
    python
  }

  @Option(
      names = "--precision",
      paramLabel = "fp32|bf16",
      defaultValue = "fp32",
      description = "Format of matrix products (default: ${DEFAULT-VALUE}).")
  private NumberFormat precision = NumberFormat.fp32;

  @Option(
      names = "--width",
      paramLabel = "small|base|tiny",
      defaultValue = "small",
      description =
          "small: ViT-S/16 at 224 pixels; base: ViT-B/16 at 224 pixels;"
              + " tiny: to see that it runs (default: ${DEFAULT-VALUE}).")
  private EmbedSetting.Width width = EmbedSetting.Width.small;

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "30",
      description =
          "Measured turns of 64 pictures, of each where there are two (default:"
              + " ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads of one tensor operation (default: the cores).")
  private Optional<Integer> threads = Optional.empty();

  @Option(
      names = "--against",
      paramLabel = "python",
      description =
          "What to hold it against: the python that DINOFLOW_PYTHON names, or that of PATH.")
  private Optional<Against> against = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    int cores =
        Limits.positive(
            "--threads", threads.orElseGet(() -> Runtime.getRuntime().availableProcessors()));
    EmbedBench bench =
        new EmbedBench(
            new EmbedSetting(precision, width, cores), Limits.positive("--pairs", pairs));
    Optional<Python> python = against.isPresent() ? Optional.of(python()) : Optional.empty();
    NativeCode.prepare(environment());
    try (Scratch.Folder scratch = Scratch.under(home().scratch().resolve("cli")).folder("bench")) {
      BenchCommands.print(this, measure(bench, python, scratch));
    }
    return ExitCode.OK;
  }

  private List<Measurement> measure(
      EmbedBench bench, Optional<Python> python, Scratch.Folder scratch) throws Exception {
    if (python.isEmpty()) {
      return bench.run(scratch.path(), printer()::note);
    }
    try {
      return bench.run(python.get(), scratch.path(), printer()::note);
    } catch (EmbedBench.DifferentFeaturesException e) {
      throw new CliFailure(
          ExitCode.RUN_FAILED,
          "the two cannot be compared",
          String.valueOf(e.getMessage()),
          "report it with the versions of torch, transformers and dinoflow");
    }
  }

  private Python python() {
    return BenchPython.with(
        PACKAGES,
        environment(),
        "there is no transformers to hold the features against",
        "torch torchvision transformers safetensors");
  }
}
