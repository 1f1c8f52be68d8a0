package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.temporal.activity.ActivityInterface;
import java.util.List;

/**
 * Trains the students of one group under one teacher forward a batch. One track a student; all
 * their checkpoints of a step are committed together. Otherwise as {@link TrainActivities}.
 */
@ActivityInterface
public interface DistillActivities {
  /** Fails without retry: Diverged. */
  SegmentResult distillSegment(DistillSegment request);

  /**
   * @param students names of the group's students, in the recipe's order
   * @param teacher the frozen teacher's checkpoint
   * @param profileSteps how many of the attempt's first steps are recorded; 0 for none
   */
  record DistillSegment(
      RunId run,
      String stage,
      String group,
      List<String> students,
      Sha256 recipe,
      long fromStep,
      long untilStep,
      CheckpointRef teacher,
      DatasetRef dataset,
      int profileSteps) {
    public DistillSegment {
      students = List.copyOf(students);
    }
  }
}
