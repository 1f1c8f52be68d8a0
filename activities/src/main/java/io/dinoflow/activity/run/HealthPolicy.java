package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.support.Recipes;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.HealthRecipe;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.Remedy;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RecipeRevision;
import io.dinoflow.workflow.activity.RunActivities.Recover;
import io.dinoflow.workflow.activity.RunActivities.Recovery;
import io.dinoflow.workflow.activity.RunActivities.Recovery.Action;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Follows a stage's {@code health.on_divergence}. What it changes becomes a recorded revision of
 * the recipe, which holds from the next segment on.
 */
final class HealthPolicy {
  private static final ObjectMapper JSON = RecipeFormat.mapper();

  private final LineageStore lineage;
  private final Recipes recipes;

  HealthPolicy(LineageStore lineage, Recipes recipes) {
    this.lineage = lineage;
    this.recipes = recipes;
  }

  Recovery recover(Recover request) {
    Optional<RecipeRevision> before =
        lineage.revision(request.run(), request.scope(), request.cause());
    if (before.isPresent()) {
      return new Recovery(Action.RETRY, before.get().reason());
    }
    PipelineRecipe recipe = recipes.current(request.run(), request.recipe(), request.scope());
    Trained stage = Trained.of(recipe.stage(request.stage()).orElseThrow());
    lineage.record(request.run(), request.scope(), "diverged", request.failure());
    return stage
        .health()
        .onDivergence()
        .match(
            new Remedy.Cases<>() {
              @Override
              public Recovery skipBatches(Remedy.SkipBatches skip) {
                List<HealthRecipe.Range> skipped =
                    stage.health().skippedFrom(request.step(), skip.count());
                long first = stage.health().batchOf(request.step());
                return revised(
                    Map.of("health.skipped", JSON.valueToTree(skipped)),
                    "batches %d to %d are skipped".formatted(first, first + skip.count() - 1));
              }

              @Override
              public Recovery lowerRate(Remedy.LowerRate lower) {
                Map<String, JsonNode> values = new TreeMap<>();
                var lr = stage.optim().lr();
                values.put("optim.lr.start", JSON.valueToTree(lr.start() * lower.factor()));
                values.put("optim.lr.peak", JSON.valueToTree(lr.peak() * lower.factor()));
                values.put("optim.lr.end", JSON.valueToTree(lr.end() * lower.factor()));
                return revised(
                    values,
                    "the learning rate is multiplied by %s, its peak is now %.3g"
                        .formatted(lower.factor(), lr.peak() * lower.factor()));
              }

              @Override
              public Recovery ask() {
                return new Recovery(
                    Action.ASK,
                    request.failure()
                        + ". Resume to try again from the last checkpoint, or cancel");
              }

              private Recovery revised(Map<String, JsonNode> values, String what) {
                return HealthPolicy.this.revised(request, recipe, stage.health(), values, what);
              }
            });
  }

  private Recovery revised(
      Recover request,
      PipelineRecipe recipe,
      HealthRecipe health,
      Map<String, JsonNode> values,
      String what) {
    if (request.retries() >= health.maxRetries()) {
      return new Recovery(
          Action.GIVE_UP,
          "%s; health.max_retries %d is used up".formatted(request.failure(), health.maxRetries()));
    }
    Map<String, JsonNode> overrides = new TreeMap<>();
    values.forEach((field, value) -> overrides.put(request.stage() + "." + field, value));
    PipelineRecipe changed = RecipeFormat.override(recipe, overrides);
    String json = RecipeFormat.canonicalJson(changed);
    String reason =
        "%s: %s, and %s goes on from its last checkpoint (retry %d of %d)"
            .formatted(
                request.failure(),
                what,
                request.scope(),
                request.retries() + 1,
                health.maxRetries());
    lineage.revise(
        request.run(), request.scope(), request.cause(), Sha256.ofText(json), json, reason);
    return new Recovery(Action.RETRY, reason);
  }

  /** What the trained kinds of stage have in common. */
  private record Trained(HealthRecipe health, OptimizerRecipe optim) {
    static Trained of(StageRecipe stage) {
      return stage.match(
          new StageRecipe.Cases<>() {
            @Override
            public Trained curate(StageRecipe.Curate curate) {
              throw notTrained(curate);
            }

            @Override
            public Trained train(StageRecipe.Train train) {
              return new Trained(train.health(), train.optim());
            }

            @Override
            public Trained distill(StageRecipe.Distill distill) {
              return new Trained(distill.health(), distill.optim());
            }

            @Override
            public Trained alignText(StageRecipe.AlignText align) {
              return new Trained(align.health(), align.optim());
            }

            @Override
            public Trained evaluate(StageRecipe.Evaluate evaluate) {
              throw notTrained(evaluate);
            }

            @Override
            public Trained importModel(StageRecipe.Import from) {
              throw notTrained(from);
            }
          });
    }

    private static IllegalArgumentException notTrained(StageRecipe stage) {
      return new IllegalArgumentException(
          "stage \"%s\" is not trained, so no step of it can be refused".formatted(stage.name()));
    }
  }
}
