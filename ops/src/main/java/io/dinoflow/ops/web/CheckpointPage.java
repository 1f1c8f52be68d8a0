package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.report.LineageTree;
import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.UnknownIdException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * One checkpoint: what it is made of and what is next to it in the lineage; its JSON twin is this
 * record.
 *
 * @param files its parts; empty where its bytes were let go
 * @param madeFrom one edge up
 * @param madeInto one edge down
 */
public record CheckpointPage(
    Instant now,
    CheckpointRow checkpoint,
    List<FileEntry> files,
    Optional<Environment> environment,
    List<Metric> metrics,
    List<Neighbour> madeFrom,
    List<Neighbour> madeInto) {
  private static final int NEIGHBOURS_MAX = 200;

  public CheckpointPage {
    files = List.copyOf(files);
    metrics = List.copyOf(metrics);
    madeFrom = List.copyOf(madeFrom);
    madeInto = List.copyOf(madeInto);
  }

  /** An artifact at the other end of an edge. */
  public record Neighbour(String relation, String name, ArtifactKind kind, Sha256 id) {
    public boolean isCheckpoint() {
      return kind == ArtifactKind.CHECKPOINT;
    }
  }

  static CheckpointPage of(String prefix, RunFacts facts, Instant now) {
    CheckpointRow row = row(prefix, facts);
    Sha256 id = row.ref().id();
    Optional<Manifest> manifest = facts.manifest(id);
    return new CheckpointPage(
        now,
        row,
        manifest.map(Manifest::files).orElse(List.of()),
        manifest.map(Manifest::environment),
        facts.metrics(id),
        neighbours(facts, id, Ancestry.Direction.UP),
        neighbours(facts, id, Ancestry.Direction.DOWN));
  }

  /** The checkpoint whose id begins so. */
  static CheckpointRow row(String prefix, RunFacts facts) {
    ArtifactRow artifact = facts.find(prefix);
    if (artifact.ref().kind() != ArtifactKind.CHECKPOINT) {
      throw new UnknownIdException(
          "%s is no checkpoint: it is the %s %s"
              .formatted(
                  prefix, artifact.ref().kind().name().toLowerCase(Locale.ROOT), artifact.name()));
    }
    Sha256 id = artifact.ref().id();
    TrackId track = TrackId.parse(artifact.name().substring(0, artifact.name().lastIndexOf('@')));
    return facts.checkpoints(track).stream()
        .filter(candidate -> candidate.ref().id().equals(id))
        .findFirst()
        .orElseThrow(() -> new UnknownIdException("no checkpoint has the id " + id));
  }

  private static List<Neighbour> neighbours(
      RunFacts facts, Sha256 id, Ancestry.Direction direction) {
    Ancestry near = facts.ancestry(id, direction, 1, NEIGHBOURS_MAX);
    Map<Sha256, ArtifactRow> rows =
        near.nodes().stream()
            .map(Ancestry.Node::artifact)
            .collect(Collectors.toMap(row -> row.ref().id(), Function.identity()));
    boolean up = direction == Ancestry.Direction.UP;
    return near.edges().stream()
        .filter(edge -> (up ? edge.from() : edge.to()).equals(id))
        .flatMap(
            edge ->
                Optional.ofNullable(rows.get(up ? edge.to() : edge.from()))
                    .map(
                        row ->
                            new Neighbour(
                                up ? LineageTree.words(edge.kind()) : seenFromBelow(edge.kind()),
                                row.name(),
                                row.ref().kind(),
                                row.ref().id()))
                    .stream())
        .toList();
  }

  /** The same edge, told from the other end. */
  private static String seenFromBelow(EdgeKind kind) {
    return switch (kind) {
      case PARENT -> "went on to";
      case INITIALISED_FROM -> "gave its weights to";
      case GRAM_TEACHER -> "was Gram teacher of";
      case DISTILLED_FROM -> "was distilled into";
      case DATASET -> "was data of";
      case EVALUATED_ON -> "was measured by";
      case IMPORTED -> "was imported as";
      case REUSED -> "was reused by";
    };
  }
}
