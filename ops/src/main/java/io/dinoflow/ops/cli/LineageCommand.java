package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.LineageStore;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows where something came from, or what was made from it. */
@CommandLine.Command(
    name = "lineage",
    description = "Show what something was made from (--up), or what was made from it (--down).")
final class LineageCommand extends Command {
  @Parameters(
      index = "0",
      paramLabel = "REF",
      description =
          "The first 8 digits or more of an id; RUN/STAGE or RUN/STAGE/STUDENT (its newest"
              + " checkpoint or its result); or a dataset's name.")
  private String reference = "";

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
}
