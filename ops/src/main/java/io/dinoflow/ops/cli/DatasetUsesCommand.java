package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.dataset.ManifestStore;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.lineage.LineageStore;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Says which runs used a dataset, or one picture of it. */
@CommandLine.Command(
    name = "uses",
    description = {
      "List the runs that used a dataset: every version of a name, or the one of an id or RUN/STAGE.",
      "With --sample, only uses of versions that hold the picture, read from their manifests."
    })
final class DatasetUsesCommand extends Command {
  private static final int VERSIONS_MAX = 1000;
  private static final int NODES_MAX = 100_000;

  @Parameters(
      index = "0",
      paramLabel = "NAME|REF",
      description = "A dataset's name, RUN/STAGE, or 8 digits or more of a version.")
  private String reference = "";

  @Option(
      names = "--sample",
      paramLabel = "KEY",
      description = "A picture's key in the dataset, or the SHA-256 of its bytes.")
  private Optional<String> sample = Optional.empty();

  @Override
  protected ExitCode run() throws Exception {
    try (Services services = services();
        Scratch.Folder scratch = Scratch.under(home().scratch().resolve("cli")).folder("uses")) {
      LineageStore lineage = services.lineage();
      Set<DatasetUse> uses = new LinkedHashSet<>();
      boolean known = false;
      for (DatasetRef version : versions(lineage)) {
        Ancestry down =
            lineage.ancestry(
                version.version(), Ancestry.Direction.DOWN, Integer.MAX_VALUE, NODES_MAX);
        if (down.truncated()) {
          printer()
              .note("more than %,d things were made of it: not all are here".formatted(NODES_MAX));
        }
        Map<Sha256, DatasetRef> holding = holding(services, lineage, down, scratch.path());
        known |= !holding.isEmpty();
        uses.addAll(DatasetUse.of(version, down, holding));
      }
      if (!known) {
        throw CliFailure.notFound(
            "no picture " + sample.orElse("") + " in " + reference,
            "no manifest of it, or of a dataset curated from it, has this key or digest",
            "`dinoflow dataset show " + reference + "` says what it is");
      }
      if (asJson()) {
        uses.forEach(use -> printer().json(use.json()));
      } else if (uses.isEmpty()) {
        printer().note("nothing has used it yet");
      } else {
        DatasetUse.lines(List.copyOf(uses)).forEach(printer()::line);
      }
      return ExitCode.OK;
    }
  }

  private List<DatasetRef> versions(LineageStore lineage) {
    List<DatasetRef> named =
        lineage.datasets(VERSIONS_MAX).stream()
            .map(DatasetRow::ref)
            .filter(ref -> ref.name().equals(reference))
            .toList();
    return named.isEmpty() ? List.of(DatasetCommands.find(lineage, reference)) : named;
  }

  /** The datasets of the walk whose use counts. */
  private Map<Sha256, DatasetRef> holding(
      Services services, LineageStore lineage, Ancestry down, Path folder) throws IOException {
    Map<Sha256, DatasetRef> holding = new LinkedHashMap<>();
    for (Ancestry.Node node : down.nodes()) {
      ArtifactKind kind = node.artifact().ref().kind();
      if (kind == ArtifactKind.SOURCE || kind == ArtifactKind.DATASET) {
        Optional<DatasetRef> dataset = lineage.dataset(node.artifact().ref().id());
        if (dataset.isPresent() && (sample.isEmpty() || holds(services, dataset.get(), folder))) {
          holding.put(dataset.get().version(), dataset.get());
        }
      }
    }
    return holding;
  }

  private boolean holds(Services services, DatasetRef dataset, Path scratch) throws IOException {
    Path folder = scratch.resolve(dataset.version().hex());
    for (Path manifest :
        services
            .artifacts()
            .fetch(dataset.version(), ManifestStore.FILE_NAME::equals, folder)
            .values()) {
      if (new ManifestStore().holds(manifest, sample.orElse(""))) {
        return true;
      }
    }
    return false;
  }
}
