package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.LineageStore;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows where something came from, or what was made from it. */
@CommandLine.Command(
    name = "lineage",
    description = {
      "Show what something was made from (--up), or what was made from it (--down).",
      "With --diff and two checkpoints: what differs in how they were made, and in their scores."
    })
final class LineageCommand extends Command {
  @Parameters(
      index = "0",
      paramLabel = "REF",
      description =
          "The first 8 digits or more of an id; RUN/STAGE or RUN/STAGE/STUDENT (its newest"
              + " checkpoint or its result); or a dataset's name.")
  private String reference = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "OTHER",
      description = "With --diff: the checkpoint to compare with.")
  private Optional<String> other = Optional.empty();

  @Option(
      names = "--diff",
      description =
          "Compare checkpoints REF and OTHER: recipe, code, threads, data, teachers, scores.")
  private boolean diff;

  @ArgGroup private Way way = new Way();

  /** Which way to walk; up unless said otherwise. */
  static final class Way {
    @Option(names = "--up", description = "What it was made from (the default).")
    private boolean up;

    @Option(names = "--down", description = "What was made from it.")
    private boolean down;
  }

  @Option(names = "--all", description = "Every checkpoint, none collapsed.")
  private boolean all;

  @Option(names = "--dot", description = "Print a graph for Graphviz.")
  private boolean dot;

  @Option(
      names = "--depth",
      paramLabel = "N",
      defaultValue = "100000",
      description = "Edges walked at most (default: ${DEFAULT-VALUE}).")
  private int depth;

  @Option(
      names = "--nodes",
      paramLabel = "N",
      defaultValue = "5000",
      description = "Artifacts shown at most, nearest first (default: ${DEFAULT-VALUE}).")
  private int nodes;

  @Override
  protected ExitCode run() throws Exception {
    Limits.positive("--depth", depth);
    Limits.positive("--nodes", nodes);
    Ancestry.Direction direction = way.down ? Ancestry.Direction.DOWN : Ancestry.Direction.UP;
    try (Services services = services()) {
      LineageStore lineage = services.lineage();
      if (diff || other.isPresent()) {
        return compare(services);
      }
      Ancestry ancestry =
          lineage.ancestry(References.artifact(lineage, reference), direction, depth, nodes);
      if (asJson()) {
        printer().json(LineageExport.json(ancestry, direction));
      } else if (dot) {
        LineageExport.dot(ancestry).forEach(printer()::line);
      } else {
        LineageTree.lines(
                ancestry, direction, all ? LineageTree.Detail.ALL : LineageTree.Detail.COLLAPSED)
            .forEach(printer()::line);
      }
      LineageTree.leftOut(ancestry, depth, nodes).ifPresent(printer()::note);
      return ExitCode.OK;
    }
  }

  private ExitCode compare(Services services) {
    if (!diff || other.isEmpty()) {
      throw CliFailure.usage(
          diff ? "there is nothing to compare with" : "one REF is enough",
          diff ? "--diff takes two checkpoints" : "a second one is for --diff",
          "`dinoflow lineage --diff REF OTHER` compares two checkpoints");
    }
    LineageStore lineage = services.lineage();
    CheckpointDiff difference =
        CheckpointDiff.of(
            DiffSides.of(services, References.checkpoint(lineage, reference)),
            DiffSides.of(services, References.checkpoint(lineage, other.get())));
    if (asJson()) {
      printer().json(difference.json());
    } else {
      difference.lines().forEach(printer()::line);
    }
    return ExitCode.OK;
  }
}
