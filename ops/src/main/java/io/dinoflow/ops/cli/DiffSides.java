package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RecipeRevision;
import io.dinoflow.storage.lineage.RunRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Gathers what is recorded of a checkpoint, to be compared with another's. */
final class DiffSides {
  private static final int NODES_MAX = 20_000;

  private DiffSides() {}

  static CheckpointDiff.Side of(Services services, CheckpointRow row) {
    LineageStore lineage = services.lineage();
    return new CheckpointDiff.Side(
        row,
        recipe(lineage, row),
        environment(services, row),
        lineage.ancestry(row.ref().id(), Ancestry.Direction.UP, Integer.MAX_VALUE, NODES_MAX),
        scores(lineage, row));
  }

  /** With the revisions of its stage that came before it. */
  private static String recipe(LineageStore lineage, CheckpointRow row) {
    RunRow run = References.run(lineage, row.ref().track().run());
    return inForce(run.recipeJson(), lineage.revisions(run.id()), row);
  }

  /**
   * @param revisions of the run, oldest first
   */
  static String inForce(String opened, List<RecipeRevision> revisions, CheckpointRow row) {
    String stage = row.ref().track().stage();
    String json = opened;
    for (RecipeRevision revision : revisions) {
      boolean ofItsStage =
          revision.scope().equals(stage) || revision.scope().startsWith(stage + "/");
      if (ofItsStage && !revision.createdAt().isAfter(row.createdAt())) {
        json = revision.recipeJson();
      }
    }
    return json;
  }

  private static Optional<Environment> environment(Services services, CheckpointRow row) {
    return row.state() == CheckpointRow.State.COMMITTED
        ? Optional.of(services.checkpoints().manifest(row.ref().id()).environment())
        : Optional.empty();
  }

  /** Probes it was committed with, and what evaluations say of it. */
  private static List<Metric> scores(LineageStore lineage, CheckpointRow row) {
    TrackId track = row.ref().track();
    String subject = track.stage() + track.student().map(s -> "/" + s).orElse("") + ".";
    List<Metric> scores = new ArrayList<>(lineage.metrics(row.ref().id()));
    lineage.ancestry(row.ref().id(), Ancestry.Direction.DOWN, 1, NODES_MAX).nodes().stream()
        .filter(node -> node.artifact().ref().kind() == ArtifactKind.EVALUATION)
        .flatMap(node -> lineage.metrics(node.artifact().ref().id()).stream())
        .filter(metric -> metric.name().startsWith(subject))
        .map(m -> new Metric(m.name().substring(subject.length()), m.value(), m.standardError()))
        .forEach(scores::add);
    return scores;
  }
}
