package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import java.time.Instant;
import java.util.Optional;

/**
 * A checkpoint as lists show it.
 *
 * @param state COMMITTED, CORRUPT (a blob of it is damaged) or EXPIRED (its bytes were let go)
 * @param bytes of all its files
 * @param head whether its track goes on from it
 */
public record CheckpointRow(
    CheckpointRef ref,
    State state,
    long fence,
    long bytes,
    Optional<Sha256> parent,
    boolean head,
    boolean pinned,
    Instant createdAt) {

  /** Whether its bytes can be had. */
  public enum State {
    COMMITTED,
    CORRUPT,
    EXPIRED
  }
}
