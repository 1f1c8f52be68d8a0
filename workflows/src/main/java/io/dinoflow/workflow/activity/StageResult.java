package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import java.util.List;
import java.util.Optional;

/**
 * What a stage made, as references and a few numbers.
 *
 * @param source a Curate stage's images as they came in
 * @param dataset a Curate stage's result
 * @param checkpoints last checkpoint of each track: one, or one a student
 * @param evaluation an Evaluate stage's report
 * @param metrics headline numbers
 * @param reusedFrom the run that made it, where it was not run again
 */
public record StageResult(
    String stage,
    Optional<DatasetRef> source,
    Optional<DatasetRef> dataset,
    List<CheckpointRef> checkpoints,
    Optional<ArtifactRef> evaluation,
    List<Metric> metrics,
    Optional<String> reusedFrom) {
  public StageResult {
    checkpoints = List.copyOf(checkpoints);
    metrics = List.copyOf(metrics);
  }

  /** A Curate stage's result. */
  public static StageResult curated(
      String stage, DatasetRef source, DatasetRef dataset, List<Metric> metrics) {
    return new StageResult(
        stage,
        Optional.of(source),
        Optional.of(dataset),
        List.of(),
        Optional.empty(),
        metrics,
        Optional.empty());
  }

  /** A training stage's result. */
  public static StageResult trained(
      String stage, List<CheckpointRef> checkpoints, List<Metric> metrics) {
    return new StageResult(
        stage,
        Optional.empty(),
        Optional.empty(),
        checkpoints,
        Optional.empty(),
        metrics,
        Optional.empty());
  }

  /** An Evaluate stage's result. */
  public static StageResult evaluated(String stage, ArtifactRef report, List<Metric> metrics) {
    return new StageResult(
        stage,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        Optional.of(report),
        metrics,
        Optional.empty());
  }

  public StageResult takenFrom(String run) {
    return new StageResult(
        stage, source, dataset, checkpoints, evaluation, metrics, Optional.of(run));
  }

  /** The one checkpoint, or that of the named student. */
  public CheckpointRef checkpoint(Optional<String> student) {
    return checkpoints.stream()
        .filter(c -> c.track().student().equals(student))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "stage %s has no checkpoint of %s; it has %s"
                        .formatted(stage, student.orElse("its own track"), checkpoints)));
  }
}
