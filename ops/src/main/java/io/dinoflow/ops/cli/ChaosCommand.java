package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.chaos.Chaos;
import io.dinoflow.ops.chaos.ChaosResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** Breaks an installation of its own in every way it knows and says whether anything was lost. */
@CommandLine.Command(
    name = "chaos",
    description = {
      "Train a small pipeline in a temporary home while processes are killed and links break;",
      "then check that nothing committed was lost and that the result equals an undisturbed one."
    })
final class ChaosCommand extends Command {
  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Decides what is done in which order (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--kills",
      paramLabel = "K",
      defaultValue = "20",
      description = "Ends after so many kill -9 (default: ${DEFAULT-VALUE}).")
  private int kills;

  @Option(
      names = "--minutes",
      paramLabel = "N",
      defaultValue = "240",
      description = "Strikes no more after so many minutes (default: ${DEFAULT-VALUE}).")
  private int minutes;

  @Option(
      names = "--folder",
      paramLabel = "DIR",
      description =
          "Where to work; kept (default: a temporary folder, kept if something was lost).")
  private Optional<Path> folder = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    if (kills < 1 || minutes < 1) {
      throw CliFailure.usage(
          "nothing would be tried",
          "--kills %d, --minutes %d".formatted(kills, minutes),
          "give both as 1 or more");
    }
    Path work = folder.isPresent() ? folder.get() : Files.createTempDirectory("dinoflow-chaos");
    ChaosResult result =
        new Chaos(
                new Chaos.Plan(seed, kills, Duration.ofMinutes(minutes), work.toAbsolutePath()),
                environment(),
                printer()::note)
            .run();
    if (asJson()) {
      printer().json(result);
    } else {
      print(result);
    }
    if (folder.isEmpty() && result.kept()) {
      delete(work);
    } else {
      printer().note("all that was stored is in " + work);
    }
    return result.kept() ? ExitCode.OK : ExitCode.RUN_FAILED;
  }

  private void print(ChaosResult result) {
    Printer printer = printer();
    printer.line(
        "seed %d: %d kills in %d strikes, %d runs, %d commits, %d attempts died, %d s"
            .formatted(
                result.seed(),
                result.kills(),
                result.strikes(),
                result.runs(),
                result.commits(),
                result.attemptsThatDied(),
                result.seconds()));
    result.injected().forEach((fault, count) -> printer.line("%5d  %s".formatted(count, fault)));
    result
        .skipped()
        .forEach((fault, count) -> printer.line("%5d  %s (left out)".formatted(count, fault)));
    printer.line("%d blobs that nothing named were collected".formatted(result.blobsCollected()));
    if (result.kept()) {
      printer.line(
          "kept: nothing committed was lost or changed; every state equals the undisturbed twin's;"
              + " no step has two owners; nothing unnamed is stored");
    } else {
      result.findings().forEach(finding -> printer.line("BROKEN  " + finding));
      printer.line("the same decisions again: dinoflow chaos --seed " + result.seed());
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      for (Path each : walk.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(each);
      }
    }
  }
}
