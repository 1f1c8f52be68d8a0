package io.dinoflow.ops.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.StageResult;
import java.util.Optional;

/** What the database holds as JSON of a run, read as leniently as histories are. */
final class RecordedRecipe {
  private static final ObjectMapper JSON = Payloads.mapper();

  private RecordedRecipe() {}

  /** The recipe the run was opened with. */
  static PipelineRecipe of(RunRow run) {
    try {
      return JSON.readValue(run.recipeJson(), PipelineRecipe.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the stored recipe of run %s cannot be read: %s"
              .formatted(run.id(), e.getOriginalMessage()),
          e);
    }
  }

  /** What the stage made; empty until it is done. */
  static Optional<StageResult> result(StageRow stage) {
    if (stage.resultJson().equals("{}")) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(stage.resultJson(), StageResult.class));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the recorded result of %s/%s cannot be read: %s"
              .formatted(stage.run(), stage.name(), e.getOriginalMessage()),
          e);
    }
  }
}
