package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.io.NearestName;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.lineage.LineageStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code dataset list|show|uses}. */
final class DatasetCommands {
  private static final int LOOK_BACK = 1000;

  private DatasetCommands() {}

  static CommandLine all() {
    return new CommandLine(new Group())
        .addSubcommand(new ListAll())
        .addSubcommand(new Show())
        .addSubcommand(new DatasetUsesCommand());
  }

  @CommandLine.Command(name = "dataset", description = "Look at the datasets in the store.")
  private static final class Group extends CommandGroup {}

  /** Lists versions. */
  @CommandLine.Command(name = "list", description = "List dataset versions, newest first.")
  static final class ListAll extends Command {
    @Option(
        names = "--limit",
        paramLabel = "N",
        defaultValue = "50",
        description = "Versions listed at most (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Override
    protected ExitCode run() throws Exception {
      int most = Limits.positive("--limit", limit);
      try (Services services = services()) {
        List<DatasetRow> rows = services.lineage().datasets(most);
        if (asJson()) {
          rows.forEach(row -> printer().json(json(row)));
        } else if (rows.isEmpty()) {
          printer().note("no datasets; every run makes one in its curate stage");
        } else {
          lines(rows, Instant.now()).forEach(printer()::line);
        }
        return ExitCode.OK;
      }
    }
  }

  static List<String> lines(List<DatasetRow> rows, Instant now) {
    Table table =
        new Table().left("DATASET").left("VERSION").left("KIND").right("SAMPLES").left("MADE");
    for (DatasetRow row : rows) {
      table.row(
          row.ref().name(),
          row.ref().version().shortForm(),
          kind(row.ref().kind()),
          Quantities.count(row.ref().samples()),
          Quantities.ago(row.createdAt(), now));
    }
    return table.lines();
  }

  private static Map<String, Object> json(DatasetRow row) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("dataset", row.ref().name());
    facts.put("version", row.ref().version().hex());
    facts.put("kind", row.ref().kind().name());
    facts.put("samples", row.ref().samples());
    facts.put("createdAt", row.createdAt());
    return facts;
  }

  private static String kind(ArtifactKind kind) {
    return kind.name().toLowerCase(Locale.ROOT);
  }

  /** Shows one version. */
  @CommandLine.Command(
      name = "show",
      description = "Show a dataset: its newest version by name, or any by RUN/STAGE or id.")
  static final class Show extends Command {
    @Parameters(
        index = "0",
        paramLabel = "NAME|REF",
        description = "A dataset's name, RUN/STAGE, or 8 digits or more of a version.")
    private String reference = "";

    @Override
    protected ExitCode run() throws Exception {
      try (Services services = services()) {
        LineageStore lineage = services.lineage();
        DatasetRef dataset = find(lineage, reference);
        Sheet sheet =
            new Sheet(
                dataset,
                References.row(lineage, dataset.version()),
                lineage.metrics(dataset.version()));
        if (asJson()) {
          printer().json(sheet.json());
        } else {
          sheet.lines(Instant.now()).forEach(printer()::line);
        }
        return ExitCode.OK;
      }
    }
  }

  /** By name its newest version, else the one an id or RUN/STAGE names. */
  static DatasetRef find(LineageStore lineage, String reference) {
    Optional<DatasetRef> named = lineage.newestDataset(reference);
    if (named.isPresent()) {
      return named.get();
    }
    boolean reads = reference.contains("/") || reference.matches("(sha256:)?[0-9a-fA-F]{8,64}");
    if (!reads) {
      List<String> names =
          lineage.datasets(LOOK_BACK).stream().map(row -> row.ref().name()).distinct().toList();
      throw CliFailure.notFound(
          "no dataset " + reference,
          "the store has "
              + (names.isEmpty() ? "none" : String.join(", ", names))
              + NearestName.of(reference, names)
                  .map(near -> "; did you mean \"" + near + "\"?")
                  .orElse(""),
          "`dinoflow dataset list` lists them");
    }
    Sha256 id = References.artifact(lineage, reference);
    return lineage
        .dataset(id)
        .orElseThrow(
            () ->
                CliFailure.usage(
                    reference + " is no dataset",
                    "it is a %s called %s"
                        .formatted(
                            kind(References.row(lineage, id).ref().kind()),
                            References.row(lineage, id).name()),
                    "`dinoflow lineage %s` shows what it was made from".formatted(reference)));
  }

  /** A dataset version with all that was recorded of it. */
  record Sheet(DatasetRef dataset, ArtifactRow artifact, List<Metric> metrics) {
    Sheet {
      metrics = List.copyOf(metrics);
    }

    List<String> lines(Instant now) {
      List<String> lines = new ArrayList<>();
      lines.add(
          "dataset %s   %s   %s samples"
              .formatted(
                  dataset.name(), kind(dataset.kind()), Quantities.count(dataset.samples())));
      lines.add("version %s".formatted(dataset.version()));
      lines.add(
          "made %s%s"
              .formatted(
                  Quantities.ago(artifact.createdAt(), now),
                  artifact
                      .run()
                      .map(run -> " by " + run + artifact.stage().map(s -> "/" + s).orElse(""))
                      .orElse("")));
      Table table = new Table().left("FACT").left("");
      new TreeMap<>(artifact.facts()).forEach(table::row);
      metrics.forEach(metric -> table.row(metric.name(), Quantities.value(metric.value())));
      if (!table.isEmpty()) {
        lines.add("");
        lines.addAll(table.lines());
      }
      lines.add("");
      lines.add(
          "`dinoflow lineage %s --down` shows what was trained on it"
              .formatted(dataset.version().shortForm()));
      return lines;
    }

    Map<String, Object> json() {
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("dataset", dataset.name());
      facts.put("version", dataset.version().hex());
      facts.put("kind", dataset.kind().name());
      facts.put("samples", dataset.samples());
      facts.put("createdAt", artifact.createdAt());
      facts.put("run", artifact.run());
      facts.put("stage", artifact.stage());
      facts.put("facts", artifact.facts());
      facts.put("metrics", metrics);
      return facts;
    }
  }
}
