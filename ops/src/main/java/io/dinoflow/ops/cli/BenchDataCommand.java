package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Scratch;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.bench.DataBench;
import io.dinoflow.ops.bench.Measurement;
import io.dinoflow.ops.bench.Python;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** How fast pictures become crops. */
@CommandLine.Command(
    name = "data",
    description = {
      "Measure how many pictures one thread decodes and augments: two global crops of 112 pixels"
          + " and eight local ones of 48 of JPEGs that are made for this.",
      "With --against python, in turns with torchvision on PIL pictures doing the same. No service"
          + " is needed."
    })
final class BenchDataCommand extends Command {
  private static final List<String> PACKAGES = List.of("torch", "torchvision", "PIL");

  /** What it can be held against. */
  private enum Against {
    python
  }

  @Option(
      names = "--pairs",
      paramLabel = "N",
      defaultValue = "30",
      description =
          "Measured turns of 64 pictures, of each where there are two (default:"
              + " ${DEFAULT-VALUE}).")
  private int pairs;

  @Option(
      names = "--against",
      paramLabel = "python",
      description =
          "What to hold it against: the python that DINOFLOW_PYTHON names, or that of PATH.")
  private Optional<Against> against = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    DataBench bench = new DataBench(Limits.positive("--pairs", pairs), DataBench.WARM_UP);
    Optional<Python> python = against.isPresent() ? Optional.of(python()) : Optional.empty();
    try (Scratch.Folder scratch = Scratch.under(home().scratch().resolve("cli")).folder("bench")) {
      BenchCommands.print(this, measure(bench, python, scratch));
    }
    return ExitCode.OK;
  }

  private List<Measurement> measure(
      DataBench bench, Optional<Python> python, Scratch.Folder scratch) throws Exception {
    if (python.isEmpty()) {
      return bench.run(scratch.path(), printer()::note);
    }
    try {
      return bench.run(python.get(), scratch.path(), printer()::note);
    } catch (DataBench.DifferentPixelsException e) {
      throw new CliFailure(
          ExitCode.RUN_FAILED,
          "the two cannot be compared",
          String.valueOf(e.getMessage()),
          "report it with the versions of torchvision, PIL and dinoflow");
    }
  }

  private Python python() {
    return BenchPython.with(
        PACKAGES,
        environment(),
        "there is no torchvision to hold the pictures against",
        "torch torchvision");
  }
}
