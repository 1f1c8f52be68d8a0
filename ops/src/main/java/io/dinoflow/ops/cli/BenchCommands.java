package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.bench.LineageBench;
import io.dinoflow.ops.bench.Measurement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code bench} with what can be measured. */
final class BenchCommands {
  private BenchCommands() {}

  static CommandLine all() {
    return new CommandLine(new Group())
        .addSubcommand(new Lineage())
        .addSubcommand(new BenchDataCommand())
        .addSubcommand(new BenchStepCommand())
        .addSubcommand(new BenchStateCommands.Checkpoint())
        .addSubcommand(new BenchStateCommands.Restore())
        .addSubcommand(new BenchEmbedCommand());
  }

  @CommandLine.Command(name = "bench", description = "Measure how fast parts of dinoflow are here.")
  private static final class Group extends CommandGroup {}

  static List<String> lines(List<Measurement> measured) {
    Table table =
        new Table()
            .left("BENCH")
            .left("CASE")
            .left("METRIC")
            .left("UNIT")
            .right("VALUE")
            .right("SPREAD")
            .right("RATIO")
            .left("AGAINST");
    measured.forEach(m -> table.row(m.cells()));
    return table.lines();
  }

  /** All that a command measured, as it was asked for. */
  static void print(Command command, List<Measurement> measured) {
    if (command.asJson()) {
      measured.forEach(m -> command.printer().json(json(m)));
    } else {
      lines(measured).forEach(command.printer()::line);
    }
  }

  /** Walks a large graph. */
  @CommandLine.Command(
      name = "lineage",
      description = {
        "Measure how long it takes to find all ancestors and all descendants in a large lineage"
            + " graph.",
        "The graph is made in a database of its own on the home's PostgreSQL (about 3 GB for the"
            + " default, some minutes) and dropped at the end; nothing else is touched."
      })
  static final class Lineage extends Command {
    @Option(
        names = "--artifacts",
        paramLabel = "N",
        defaultValue = "1000000",
        description = "Artifacts at least (default: ${DEFAULT-VALUE}).")
    private long artifacts;

    @Option(
        names = "--edges",
        paramLabel = "M",
        defaultValue = "5000000",
        description = "Edges at least, up to 5 an artifact (default: ${DEFAULT-VALUE}).")
    private long edges;

    @Option(
        names = "--starts",
        paramLabel = "K",
        defaultValue = "1000",
        description = "Walks measured in each direction (default: ${DEFAULT-VALUE}).")
    private int starts;

    @Option(
        names = "--seed",
        paramLabel = "S",
        defaultValue = "1",
        description = "Decides where the walks start (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Override
    protected ExitCode run() throws Exception {
      LineageBench bench = bench();
      print(this, bench.run(config().database(), printer()::note));
      return ExitCode.OK;
    }

    private LineageBench bench() {
      try {
        return new LineageBench(artifacts, edges, starts, seed);
      } catch (IllegalArgumentException e) {
        throw CliFailure.usage(
            "such a graph cannot be made", String.valueOf(e.getMessage()), "give other numbers");
      }
    }
  }

  /** {@code case} is a word of Java, so the record calls it otherwise. */
  static Map<String, Object> json(Measurement m) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("bench", m.bench());
    facts.put("case", m.subject());
    facts.put("metric", m.metric());
    facts.put("unit", m.unit());
    facts.put("value", m.value());
    facts.put("spread", m.spread());
    facts.put("ratio", m.ratio());
    facts.put("against", m.against());
    return facts;
  }
}
