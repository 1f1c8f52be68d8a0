package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.temporal.activity.ActivityInterface;

/** Trains text towers on frozen vision towers. Otherwise as {@link TrainActivities}. */
@ActivityInterface
public interface AlignActivities {
  /** Fails without retry: Diverged. */
  SegmentResult alignSegment(AlignSegment request);

  /**
   * @param vision the checkpoint whose teacher is the frozen tower
   * @param profileSteps how many of the attempt's first steps are recorded; 0 for none
   */
  record AlignSegment(
      TrackId track,
      Sha256 recipe,
      long fromStep,
      long untilStep,
      CheckpointRef vision,
      DatasetRef dataset,
      int profileSteps) {}
}
