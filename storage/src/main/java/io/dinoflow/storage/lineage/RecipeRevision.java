package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import java.time.Instant;

/**
 * A recipe that replaces the run's own from the next segment of its scope on.
 *
 * @param scope a stage, or {@code stage/group} of a Distill stage
 * @param number 1 and up within the scope
 * @param recipeJson the whole recipe, canonical
 * @param reason what changed and why, in words
 */
public record RecipeRevision(
    RunId run,
    String scope,
    int number,
    Sha256 digest,
    String recipeJson,
    String reason,
    Instant createdAt) {}
