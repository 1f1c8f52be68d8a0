package io.dinoflow.activity.support;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The recipe of a run by its digest. It travelled once, as the pipeline's input; openRun checked
 * and stored it, so here it is only read.
 */
public final class Recipes {
  private final LineageStore lineage;
  private final ObjectMapper json = Payloads.mapper();
  private final Map<Sha256, PipelineRecipe> known = new ConcurrentHashMap<>();

  public Recipes(LineageStore lineage) {
    this.lineage = lineage;
  }

  public PipelineRecipe read(RunId run, Sha256 digest) {
    return known.computeIfAbsent(digest, d -> load(run, d));
  }

  private PipelineRecipe load(RunId run, Sha256 digest) {
    RunRow row =
        lineage
            .run(run)
            .orElseThrow(
                () ->
                    FailureMapper.lasting(Failures.BAD_CONFIG, "run " + run + " was never opened"));
    if (!row.recipeDigest().equals(digest)) {
      throw FailureMapper.lasting(
          Failures.SPEC_CONFLICT,
          "run %s has recipe %s, not %s"
              .formatted(run, row.recipeDigest().shortForm(), digest.shortForm()));
    }
    try {
      return json.readValue(row.recipeJson(), PipelineRecipe.class);
    } catch (JsonProcessingException e) {
      throw FailureMapper.lasting(
          Failures.BAD_CONFIG,
          "the stored recipe of run %s cannot be read: %s".formatted(run, e.getOriginalMessage()));
    }
  }
}
