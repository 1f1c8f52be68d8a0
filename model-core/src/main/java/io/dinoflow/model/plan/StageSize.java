package io.dinoflow.model.plan;

import java.util.List;

/**
 * What one stage is about to make.
 *
 * @param tracks one, or one a student; empty where nothing is trained
 * @param pictures that its steps look at, a picture counted each time
 */
public record StageSize(String stage, List<TrackSize> tracks, long pictures) {
  public StageSize {
    tracks = List.copyOf(tracks);
  }

  /** Bytes of all checkpoints that the stage keeps when it ends. */
  public long keptBytes() {
    return tracks.stream().mapToLong(track -> track.checkpointBytes() * track.kept()).sum();
  }
}
