package io.dinoflow.ops.report;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.AmbiguousIdException;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Facts in memory, with the edges of a real lineage graph. */
public final class FakeFacts implements RunFacts {
  public static final Environment ENVIRONMENT =
      new Environment("pytorch 2.7.1", "ab".repeat(32), 2, "cpu", "amd64+avx512", "0.1.0");

  private final Map<RunId, RunRow> runs = new LinkedHashMap<>();
  private final Map<RunId, List<StageRow>> stages = new HashMap<>();
  private final List<Event> events = new ArrayList<>();
  private final List<CheckpointRow> checkpoints = new ArrayList<>();
  private final Map<TrackId, List<SeriesPoint>> series = new HashMap<>();
  private final Map<Sha256, List<Metric>> metrics = new HashMap<>();
  private final Map<Sha256, ArtifactRow> artifacts = new LinkedHashMap<>();
  private final List<Ancestry.Edge> edges = new ArrayList<>();
  private final List<ModelVersion> models = new ArrayList<>();
  private final List<Firing> firings = new ArrayList<>();
  private final List<Promotion> promotions = new ArrayList<>();
  private final Map<Sha256, DatasetRow> datasets = new LinkedHashMap<>();
  private final Map<Sha256, Measured> evaluations = new HashMap<>();
  private final Map<Sha256, RuntimeException> damaged = new HashMap<>();

  public void put(RunRow run) {
    runs.put(run.id(), run);
  }

  public void put(StageRow stage) {
    stages.computeIfAbsent(stage.run(), run -> new ArrayList<>()).add(stage);
  }

  public void put(Event event) {
    events.add(event);
  }

  public void put(DatasetRef dataset, Map<String, String> facts, Instant at) {
    datasets.put(dataset.version(), new DatasetRow(dataset, at));
    put(
        new ArtifactRow(
            dataset.artifact(), dataset.name(), Optional.empty(), Optional.empty(), facts, at));
  }

  public void put(ArtifactRow artifact) {
    artifacts.put(artifact.ref().id(), artifact);
  }

  /** Commits a checkpoint behind the newest of its track. */
  public CheckpointRef checkpoint(TrackId track, long step, List<Metric> measured, Instant at) {
    List<CheckpointRow> before = checkpoints(track);
    Optional<Sha256> parent =
        before.isEmpty() ? Optional.empty() : Optional.of(before.get(before.size() - 1).ref().id());
    Sha256 id = Sha256.ofText(track + "@" + step);
    CheckpointRef ref = new CheckpointRef(id, track, step, Sha256.ofText("state of " + id));
    checkpoints.replaceAll(row -> row.ref().track().equals(track) ? withoutHead(row) : row);
    checkpoints.add(
        new CheckpointRow(
            ref, CheckpointRow.State.COMMITTED, 1, 12_400_000, parent, true, false, at));
    put(
        new ArtifactRow(
            ref.artifact(),
            track + "@" + step,
            Optional.of(track.run()),
            Optional.of(track.stage()),
            Map.of(),
            at));
    parent.ifPresent(p -> edge(EdgeKind.PARENT, id, p));
    metrics.put(id, List.copyOf(measured));
    return ref;
  }

  private static CheckpointRow withoutHead(CheckpointRow row) {
    return new CheckpointRow(
        row.ref(),
        row.state(),
        row.fence(),
        row.bytes(),
        row.parent(),
        false,
        row.pinned(),
        row.createdAt());
  }

  public void put(Firing firing) {
    firings.add(firing);
  }

  public void put(ModelVersion version) {
    models.add(version);
  }

  public void put(Promotion move) {
    promotions.add(move);
  }

  public void edge(EdgeKind kind, Sha256 from, Sha256 to) {
    edges.add(new Ancestry.Edge(kind, from, to, Map.of()));
  }

  public void series(TrackId track, List<SeriesPoint> points) {
    series.put(track, points);
  }

  /** Commits an evaluation. */
  public ArtifactRef evaluation(RunId run, Measured measured, Instant at) {
    ArtifactRef ref =
        new ArtifactRef(ArtifactKind.EVALUATION, Sha256.ofText("evaluation of " + run));
    put(
        new ArtifactRow(
            ref, run + "/evaluate", Optional.of(run), Optional.of("evaluate"), Map.of(), at));
    evaluations.put(ref.id(), measured);
    metrics.put(
        ref.id(),
        measured.report().scores().stream()
            .map(
                score ->
                    new Metric(
                        score.subject().replace(' ', '_') + "." + score.metric().name(),
                        score.metric().value(),
                        score.metric().standardError()))
            .toList());
    return ref;
  }

  /** What was measured of an artifact, instead of what was known. */
  public void measured(Sha256 artifact, List<Metric> values) {
    metrics.put(artifact, List.copyOf(values));
  }

  /** From now on the artifact cannot be read. */
  public void damage(Sha256 id, RuntimeException failure) {
    damaged.put(id, failure);
  }

  @Override
  public List<RunRow> runs(int limit) {
    return runs.values().stream()
        .sorted(Comparator.comparing(RunRow::createdAt).reversed())
        .limit(limit)
        .toList();
  }

  @Override
  public Optional<RunRow> run(RunId run) {
    return Optional.ofNullable(runs.get(run));
  }

  @Override
  public List<StageRow> stages(RunId run) {
    return stages.getOrDefault(run, List.of());
  }

  @Override
  public List<Event> events(RunId run) {
    return events.stream().filter(event -> event.run().equals(run)).toList();
  }

  @Override
  public List<CheckpointRow> checkpoints(RunId run) {
    return checkpoints.stream().filter(row -> row.ref().track().run().equals(run)).toList();
  }

  @Override
  public List<CheckpointRow> checkpoints(TrackId track) {
    return checkpoints.stream().filter(row -> row.ref().track().equals(track)).toList();
  }

  @Override
  public List<SeriesPoint> series(TrackId track) {
    return series.getOrDefault(track, List.of());
  }

  @Override
  public List<Metric> metrics(Sha256 artifact) {
    return metrics.getOrDefault(artifact, List.of());
  }

  @Override
  public Optional<ArtifactRow> artifact(Sha256 id) {
    return Optional.ofNullable(artifacts.get(id));
  }

  @Override
  public ArtifactRow find(String prefix) {
    List<ArtifactRow> found =
        artifacts.values().stream().filter(row -> row.ref().id().hex().startsWith(prefix)).toList();
    if (found.isEmpty()) {
      throw new UnknownIdException("no artifact has an id beginning with \"" + prefix + "\"");
    }
    if (found.size() > 1) {
      throw new AmbiguousIdException(
          prefix, found.stream().map(row -> row.ref().id().hex().substring(0, 16)).toList());
    }
    return found.get(0);
  }

  @Override
  public Ancestry ancestry(Sha256 id, Ancestry.Direction direction, int depthMax, int nodesMax) {
    boolean up = direction == Ancestry.Direction.UP;
    Map<Sha256, Integer> depths = new LinkedHashMap<>(Map.of(id, 0));
    List<Sha256> queue = new ArrayList<>(List.of(id));
    for (int i = 0; i < queue.size(); i++) {
      Sha256 here = queue.get(i);
      int depth = depths.getOrDefault(here, 0);
      for (Ancestry.Edge edge : edges) {
        Sha256 other = up ? edge.to() : edge.from();
        if ((up ? edge.from() : edge.to()).equals(here)
            && depth < depthMax
            && depths.size() < nodesMax
            && depths.putIfAbsent(other, depth + 1) == null) {
          queue.add(other);
        }
      }
    }
    return new Ancestry(
        depths.entrySet().stream()
            .filter(e -> artifacts.containsKey(e.getKey()))
            .map(e -> node(artifacts.get(e.getKey()), e.getValue()))
            .toList(),
        edges.stream()
            .filter(e -> depths.containsKey(e.from()) && depths.containsKey(e.to()))
            .toList(),
        false);
  }

  @Override
  public Ancestry ancestryPage(
      Sha256 id, Ancestry.Direction direction, int depthMax, int first, int nodesMax) {
    Ancestry all = ancestry(id, direction, depthMax, Integer.MAX_VALUE);
    List<Ancestry.Node> nodes = all.nodes().stream().skip(first).limit(nodesMax).toList();
    List<Sha256> ids = nodes.stream().map(node -> node.artifact().ref().id()).toList();
    return new Ancestry(
        nodes,
        all.edges().stream()
            .filter(edge -> ids.contains(edge.from()) || ids.contains(edge.to()))
            .toList(),
        first + nodes.size() < all.nodes().size());
  }

  @Override
  public List<RunRow> runsAfter(Optional<RunId> seen, int limit) {
    List<RunRow> all = runs(Integer.MAX_VALUE);
    int behind = seen.map(id -> all.stream().map(RunRow::id).toList().indexOf(id) + 1).orElse(0);
    return all.stream().skip(behind).limit(limit).toList();
  }

  @Override
  public List<CheckpointRow> checkpointsAfter(Optional<Sha256> seen, int limit) {
    List<CheckpointRow> all = new ArrayList<>(checkpoints);
    Collections.reverse(all);
    int behind =
        seen.map(id -> all.stream().map(row -> row.ref().id()).toList().indexOf(id) + 1).orElse(0);
    return all.stream().skip(behind).limit(limit).toList();
  }

  @Override
  public List<DatasetRow> datasets(int limit) {
    return datasets.values().stream().limit(limit).toList();
  }

  @Override
  public List<ArtifactRow> evaluations(int limit) {
    return artifacts.values().stream()
        .filter(row -> row.ref().kind() == ArtifactKind.EVALUATION)
        .limit(limit)
        .toList();
  }

  @Override
  public List<ModelVersion> models() {
    return List.copyOf(models);
  }

  @Override
  public List<Promotion> promotions(String model) {
    return promotions.stream().filter(move -> move.model().equals(model)).toList();
  }

  @Override
  public List<Firing> firings(String schedule, int limit) {
    return firings.stream()
        .filter(firing -> firing.schedule().equals(schedule))
        .sorted(Comparator.comparing(Firing::firedAt).reversed())
        .limit(limit)
        .toList();
  }

  @Override
  public List<Firing> lastFirings(int limit) {
    return firings.stream()
        .map(Firing::schedule)
        .distinct()
        .sorted()
        .limit(limit)
        .flatMap(schedule -> firings(schedule, 1).stream())
        .toList();
  }

  private Ancestry.Node node(ArtifactRow artifact, int depth) {
    Optional<CheckpointRow> row =
        checkpoints.stream().filter(c -> c.ref().id().equals(artifact.ref().id())).findFirst();
    return new Ancestry.Node(
        artifact,
        depth,
        row.map(c -> OptionalLong.of(c.ref().step())).orElse(OptionalLong.empty()),
        row.map(CheckpointRow::state).orElse(CheckpointRow.State.COMMITTED));
  }

  @Override
  public Optional<Manifest> manifest(Sha256 checkpoint) {
    throwIfDamaged(checkpoint);
    return checkpoints.stream()
        .filter(row -> row.ref().id().equals(checkpoint))
        .map(
            row ->
                new Manifest(
                    Manifest.FORMAT,
                    row.ref().track(),
                    row.ref().step(),
                    row.parent(),
                    row.fence(),
                    row.ref().stateDigest(),
                    List.of(
                        new FileEntry("student.safetensors", Sha256.ofText("s"), 6_000_000),
                        new FileEntry("teacher.safetensors", Sha256.ofText("t"), 6_400_000)),
                    List.of(),
                    ENVIRONMENT))
        .findFirst();
  }

  @Override
  public Measured evaluation(Sha256 id) {
    throwIfDamaged(id);
    Measured measured = evaluations.get(id);
    if (measured == null) {
      throw new UnknownIdException("no artifact has the id " + id);
    }
    return measured;
  }

  private void throwIfDamaged(Sha256 id) {
    if (damaged.containsKey(id)) {
      throw damaged.get(id);
    }
  }
}
