package io.dinoflow.activity.maintain;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.workflow.Payloads;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a track's checkpoints are kept, by the recipe of its run.
 *
 * <p>A run whose recipe cannot be read, perhaps one of a later version, keeps everything. Reads
 * each run once; for one round, by one thread.
 */
public final class TrackPolicies implements Function<TrackId, Optional<CheckpointPolicy>> {
  private static final Logger LOG = LoggerFactory.getLogger(TrackPolicies.class);

  private final LineageStore lineage;
  private final Map<RunId, Optional<PipelineRecipe>> recipes = new HashMap<>();

  public TrackPolicies(LineageStore lineage) {
    this.lineage = lineage;
  }

  @Override
  public Optional<CheckpointPolicy> apply(TrackId track) {
    return recipes
        .computeIfAbsent(track.run(), this::recipe)
        .flatMap(recipe -> recipe.stage(track.stage()))
        .flatMap(TrackPolicies::policy);
  }

  private Optional<PipelineRecipe> recipe(RunId run) {
    Optional<RunRow> row = lineage.run(run);
    try {
      return row.isEmpty()
          ? Optional.empty()
          : Optional.of(Payloads.mapper().readValue(row.get().recipeJson(), PipelineRecipe.class));
    } catch (JsonProcessingException e) {
      LOG.warn("run {} keeps all its checkpoints: its recipe cannot be read", run, e);
      return Optional.empty();
    }
  }

  private static Optional<CheckpointPolicy> policy(StageRecipe stage) {
    return stage.match(
        new StageRecipe.Cases<>() {
          @Override
          public Optional<CheckpointPolicy> curate(StageRecipe.Curate curate) {
            return Optional.empty();
          }

          @Override
          public Optional<CheckpointPolicy> train(StageRecipe.Train train) {
            return Optional.of(train.checkpointing());
          }

          @Override
          public Optional<CheckpointPolicy> distill(StageRecipe.Distill distill) {
            return Optional.of(distill.checkpointing());
          }

          @Override
          public Optional<CheckpointPolicy> alignText(StageRecipe.AlignText align) {
            return Optional.of(align.checkpointing());
          }

          @Override
          public Optional<CheckpointPolicy> evaluate(StageRecipe.Evaluate evaluate) {
            return Optional.empty();
          }

          @Override
          public Optional<CheckpointPolicy> importModel(StageRecipe.Import from) {
            return Optional.empty();
          }
        });
  }
}
