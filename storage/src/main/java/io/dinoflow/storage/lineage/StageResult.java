package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import java.util.List;
import java.util.Optional;

/**
 * How a stage ended well.
 *
 * @param json the stage's result, as its workflow returns it
 * @param outputs ids of what it made; reuse asks whether they are still there
 * @param reusedFrom the run whose result was taken over instead of working
 */
public record StageResult(String json, List<Sha256> outputs, Optional<RunId> reusedFrom) {
  public StageResult {
    outputs = List.copyOf(outputs);
  }
}
