package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A stage of a run.
 *
 * @param position its place in the recipe, from 0
 * @param kind of stage recipe, such as {@code train}
 * @param reuseKey digest of all that decides its result
 * @param resultJson what the stage returned; {@code {}} until it finished
 * @param outputs ids of the checkpoints and artifacts it made
 * @param reusedFrom the run whose result was taken over
 */
public record StageRow(
    RunId run,
    String name,
    int position,
    String kind,
    RunState state,
    String reason,
    Optional<Sha256> reuseKey,
    String resultJson,
    List<Sha256> outputs,
    Optional<RunId> reusedFrom,
    Optional<Instant> startedAt,
    Optional<Instant> finishedAt) {
  public StageRow {
    outputs = List.copyOf(outputs);
  }
}
