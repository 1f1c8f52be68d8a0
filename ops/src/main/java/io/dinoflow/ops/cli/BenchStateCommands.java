package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Scratch;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.bench.Measurement;
import io.dinoflow.ops.bench.Python;
import io.dinoflow.ops.bench.StateBench;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code bench checkpoint} and {@code bench restore}. */
final class BenchStateCommands {
  private static final List<String> PACKAGES = List.of("torch", "safetensors");

  private BenchStateCommands() {}

  /** What both have in common. */
  private abstract static class Measured extends Command {
    /** What it can be held against. */
    private enum Against {
      python
    }

    @Option(
        names = "--pairs",
        paramLabel = "N",
        defaultValue = "15",
        description = "Measured turns, of each where there are two (default: ${DEFAULT-VALUE}).")
    private int pairs;

    @Option(
        names = "--threads",
        paramLabel = "N",
        description = "Threads that compute (default: the machine's cores).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
        names = "--against",
        paramLabel = "python",
        description =
            "What to hold files against: the python that DINOFLOW_PYTHON names, or that of PATH.")
    private Optional<Against> against = Optional.empty();

    @Option(
        names = "--s3",
        description =
            "Also through the object store of this home, whose services are started if need be.")
    private boolean s3;

    @Override
    protected ExitCode run() throws Exception {
      StateBench bench =
          new StateBench(
              Limits.positive("--pairs", pairs),
              steps(),
              StateBench.DEPTH,
              Limits.positive("--threads", threads));
      Optional<Python> python = against.isPresent() ? Optional.of(python()) : Optional.empty();
      try (Scratch.Folder scratch =
          Scratch.under(home().scratch().resolve("cli")).folder("bench")) {
        BenchCommands.print(this, measured(bench, python, scratch.path()));
      }
      return ExitCode.OK;
    }

    private List<Measurement> measured(StateBench bench, Optional<Python> python, Path folder)
        throws Exception {
      Optional<OpsConfig.ObjectStorage> store =
          s3 ? Optional.of(config().objects()) : Optional.empty();
      return measure(bench, python, store, folder);
    }

    int steps() {
      return 1;
    }

    abstract List<Measurement> measure(
        StateBench bench,
        Optional<Python> python,
        Optional<OpsConfig.ObjectStorage> store,
        Path folder)
        throws IOException;

    private Python python() {
      return BenchPython.with(
          PACKAGES,
          environment(),
          "there is no safetensors to hold files against",
          "torch safetensors");
    }
  }

  /** What a checkpoint costs. */
  @CommandLine.Command(
      name = "checkpoint",
      description = {
        "Measure how long training stops for a checkpoint of a state of 350 MB, how much it is"
            + " delayed by one every 100 steps, and how fast the files are written. Without --s3 no"
            + " service is needed.",
        "With --against python, writing in turns with safetensors' save_file and fsync."
      })
  static final class Checkpoint extends Measured {
    @Option(
        names = "--steps",
        paramLabel = "N",
        defaultValue = "6",
        description =
            "Steps of a window, in which a checkpoint gets through (default: ${DEFAULT-VALUE}).")
    private int steps;

    @Override
    int steps() {
      return Limits.positive("--steps", steps);
    }

    @Override
    List<Measurement> measure(
        StateBench bench,
        Optional<Python> python,
        Optional<OpsConfig.ObjectStorage> store,
        Path folder)
        throws IOException {
      return bench.checkpoint(python, store, folder, printer()::note);
    }
  }

  /** How fast a state comes back. */
  @CommandLine.Command(
      name = "restore",
      description = {
        "Measure how fast a state of 350 MB is read from local files into training memory."
            + " Without --s3 no service is needed.",
        "With --against python, in turns with safetensors' load_file and a copy into tensors that"
            + " are there."
      })
  static final class Restore extends Measured {
    @Override
    List<Measurement> measure(
        StateBench bench,
        Optional<Python> python,
        Optional<OpsConfig.ObjectStorage> store,
        Path folder)
        throws IOException {
      return bench.restore(python, store, folder);
    }
  }
}
