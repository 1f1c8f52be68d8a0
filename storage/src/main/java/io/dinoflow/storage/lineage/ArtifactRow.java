package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.RunId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * Any artifact, with what is known about it.
 *
 * @param name a dataset's name, a checkpoint's {@code track@step}, an evaluation's {@code
 *     run/stage}
 * @param run,stage who made it first
 * @param facts such as counts of kept and quarantined images
 */
public record ArtifactRow(
    ArtifactRef ref,
    String name,
    Optional<RunId> run,
    Optional<String> stage,
    Map<String, String> facts,
    Instant createdAt) {
  public ArtifactRow {
    facts = Map.copyOf(facts);
  }
}
