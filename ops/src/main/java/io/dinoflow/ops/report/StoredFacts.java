package io.dinoflow.ops.report;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The facts of the real stores. Owned by whoever opened the services. */
public final class StoredFacts implements RunFacts {
  private final Services services;

  public StoredFacts(Services services) {
    this.services = services;
  }

  @Override
  public List<RunRow> runs(int limit) {
    return services.lineage().runs(limit);
  }

  @Override
  public Optional<RunRow> run(RunId run) {
    return services.lineage().run(run);
  }

  @Override
  public List<StageRow> stages(RunId run) {
    return services.lineage().stages(run);
  }

  @Override
  public List<Event> events(RunId run) {
    return services.lineage().events(run);
  }

  @Override
  public List<CheckpointRow> checkpoints(RunId run) {
    return services.lineage().checkpoints(run);
  }

  @Override
  public List<CheckpointRow> checkpoints(TrackId track) {
    return services.lineage().checkpoints(track);
  }

  @Override
  public List<SeriesPoint> series(TrackId track) {
    return services.lineage().series(track);
  }

  @Override
  public List<Metric> metrics(Sha256 artifact) {
    return services.lineage().metrics(artifact);
  }

  @Override
  public Optional<ArtifactRow> artifact(Sha256 id) {
    return services.lineage().artifact(id);
  }

  @Override
  public ArtifactRow find(String prefix) {
    return services.lineage().find(prefix);
  }

  @Override
  public Ancestry ancestry(Sha256 id, Ancestry.Direction direction, int depthMax, int nodesMax) {
    return services.lineage().ancestry(id, direction, depthMax, nodesMax);
  }

  @Override
  public Ancestry ancestryPage(
      Sha256 id, Ancestry.Direction direction, int depthMax, int first, int nodesMax) {
    return services.lineage().ancestryPage(id, direction, depthMax, first, nodesMax);
  }

  @Override
  public List<RunRow> runsAfter(Optional<RunId> seen, int limit) {
    return services.lineage().runsAfter(seen, limit);
  }

  @Override
  public List<CheckpointRow> checkpointsAfter(Optional<Sha256> seen, int limit) {
    return services.lineage().checkpointsAfter(seen, limit);
  }

  @Override
  public List<DatasetRow> datasets(int limit) {
    return services.lineage().datasets(limit);
  }

  @Override
  public List<ArtifactRow> evaluations(int limit) {
    return services.lineage().artifacts(ArtifactKind.EVALUATION, limit);
  }

  @Override
  public List<ModelVersion> models() {
    return services.models().versions();
  }

  @Override
  public List<Promotion> promotions(String model) {
    return services.models().history(model);
  }

  @Override
  public List<Firing> firings(String schedule, int limit) {
    return services.firings().of(schedule, limit);
  }

  @Override
  public List<Firing> lastFirings(int limit) {
    return services.firings().last(limit);
  }

  @Override
  public Optional<Manifest> manifest(Sha256 checkpoint) {
    boolean expired =
        services.lineage().ancestry(checkpoint, Ancestry.Direction.UP, 1, 1).nodes().stream()
            .anyMatch(node -> node.state() == CheckpointRow.State.EXPIRED);
    return expired ? Optional.empty() : Optional.of(services.checkpoints().manifest(checkpoint));
  }

  @Override
  public Measured evaluation(Sha256 id) throws IOException {
    Path folder = Files.createTempDirectory("dinoflow-report");
    try {
      Map<String, Path> files =
          services
              .artifacts()
              .fetch(
                  id,
                  name -> name.equals(EvaluationReport.FILE_NAME) || name.endsWith(".png"),
                  folder);
      Path report = files.get(EvaluationReport.FILE_NAME);
      if (report == null) {
        throw new IllegalArgumentException(
            "artifact %s holds no %s".formatted(id.shortForm(), EvaluationReport.FILE_NAME));
      }
      Map<String, Picture> pictures = new HashMap<>();
      for (Map.Entry<String, Path> file : files.entrySet()) {
        Picture.ofPng(Files.readAllBytes(file.getValue()))
            .ifPresent(picture -> pictures.put(file.getKey(), picture));
      }
      return new Measured(Measured.parse(Files.readAllBytes(report)), pictures);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
