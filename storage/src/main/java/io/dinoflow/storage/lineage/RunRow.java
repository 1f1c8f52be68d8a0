package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import java.time.Instant;
import java.util.Optional;

/**
 * A run.
 *
 * @param recipeDigest of {@code recipeJson}
 * @param recipeJson the canonical recipe
 * @param reason why it is in this state; empty where nothing needs saying
 */
public record RunRow(
    RunId id,
    String recipeName,
    Sha256 recipeDigest,
    String recipeJson,
    RunState state,
    String reason,
    Instant createdAt,
    Instant updatedAt,
    Optional<Instant> closedAt) {}
