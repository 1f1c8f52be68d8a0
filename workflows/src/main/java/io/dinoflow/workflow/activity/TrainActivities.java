package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.temporal.activity.ActivityInterface;
import java.util.Optional;

/**
 * Trains a track. It starts from the committed head, never from an argument; where the head is at
 * the asked step already it returns at once. When cancelled or shut down it commits and returns
 * early. Heartbeats {@link Progress}.
 */
@ActivityInterface
public interface TrainActivities {
  /** Fails without retry: Diverged. */
  SegmentResult trainSegment(TrainSegment request);

  /**
   * @param fromStep where this segment's Gram teacher came into force; a head before it means
   *     {@link SegmentResult.End#REWOUND}
   * @param untilStep on the track's own count
   * @param gramTeacher whose EMA teacher is Gram teacher
   * @param origin what the track begins with, while it has no checkpoint
   * @param profileSteps how many of the attempt's first steps are recorded; 0 for none
   */
  record TrainSegment(
      TrackId track,
      Sha256 recipe,
      long fromStep,
      long untilStep,
      Optional<CheckpointRef> gramTeacher,
      Optional<CheckpointRef> origin,
      DatasetRef dataset,
      int profileSteps) {}
}
