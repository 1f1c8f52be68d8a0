package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.TrackId;
import java.util.Optional;

/**
 * The right to add to a track, until somebody else claims it.
 *
 * @param fence every lower one is dead from the moment this claim was made
 * @param head the checkpoint that the holder's state goes on from; part of what commit compares, so
 *     a recorded parent is always the true one
 */
public record Claim(TrackId track, long fence, Optional<CheckpointRef> head) {

  /** The same right after the holder's commit; the next commit wants this one. */
  public Claim after(CheckpointRef committed) {
    if (!committed.track().equals(track)) {
      throw new IllegalArgumentException(
          "checkpoint %s is of track %s, not %s"
              .formatted(committed.id().shortForm(), committed.track(), track));
    }
    return new Claim(track, fence, Optional.of(committed));
  }
}
