package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.temporal.activity.ActivityInterface;
import java.util.List;
import java.util.Optional;

/**
 * Measures checkpoints. A function of its request, so a second run gives the same report.
 * Heartbeats {@link Progress}.
 */
@ActivityInterface
public interface EvaluateActivities {
  Evaluated evaluate(EvaluateRequest request);

  /**
   * @param source the images to measure on
   * @param subjects checkpoints whose teachers are measured, students each on their own
   * @param text the aligned towers
   * @param vision the tower that {@code text} was aligned with
   * @param beside names a measurement beside the stage's own, of features alone: {@code champion}
   */
  record EvaluateRequest(
      RunId run,
      String stage,
      Sha256 recipe,
      DatasetRef source,
      List<CheckpointRef> subjects,
      Optional<CheckpointRef> text,
      Optional<CheckpointRef> vision,
      Optional<String> beside) {
    public EvaluateRequest {
      subjects = List.copyOf(subjects);
    }
  }

  /**
   * @param evaluation the report with its tables and pictures
   * @param metrics headline numbers
   */
  record Evaluated(ArtifactRef evaluation, List<Metric> metrics) {
    public Evaluated {
      metrics = List.copyOf(metrics);
    }
  }
}
