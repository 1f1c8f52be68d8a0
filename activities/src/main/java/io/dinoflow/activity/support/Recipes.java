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

  /**
   * The recipe that holds for a stage now: the run's own, or its newest revision.
   *
   * @param scope the stage, or {@code stage/group} of a Distill stage
   */
  public PipelineRecipe current(RunId run, Sha256 digest, String scope) {
    PipelineRecipe own = read(run, digest);
    return lineage
        .newestRevision(run, scope)
        .map(r -> known.computeIfAbsent(r.digest(), d -> parse(run, r.recipeJson())))
        .orElse(own);
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
    return parse(run, row.recipeJson());
  }

  private PipelineRecipe parse(RunId run, String recipeJson) {
    try {
      return json.readValue(recipeJson, PipelineRecipe.class);
    } catch (JsonProcessingException e) {
      throw FailureMapper.lasting(
          Failures.BAD_CONFIG,
          "the stored recipe of run %s cannot be read: %s".formatted(run, e.getOriginalMessage()));
    }
  }
}
