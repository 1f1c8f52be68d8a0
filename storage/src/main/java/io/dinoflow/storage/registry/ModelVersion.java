package io.dinoflow.storage.registry;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A checkpoint under a model's name.
 *
 * @param version 1 and up within the model
 * @param evaluation what its numbers were read from
 * @param aliases what points at it now
 */
public record ModelVersion(
    String model,
    int version,
    CheckpointRef checkpoint,
    Optional<Sha256> evaluation,
    List<String> aliases,
    Instant registeredAt) {
  public ModelVersion {
    aliases = List.copyOf(aliases);
  }
}
