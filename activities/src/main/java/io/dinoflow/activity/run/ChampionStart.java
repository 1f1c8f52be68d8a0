package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.support.StartingPoints;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.workflow.activity.RetrainActivities.Champion;
import io.dinoflow.workflow.activity.RetrainActivities.From;
import io.dinoflow.workflow.activity.RetrainActivities.Surveyed;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import java.util.Map;
import java.util.Optional;

/**
 * How a firing's run begins with the champion: its first training stage, in place of what the
 * recipe says.
 *
 * <p>It is written into the run's request as an override, so that the run's recipe names the
 * checkpoint and two firings with other champions are other runs.
 */
public final class ChampionStart {
  private final RequestReader requests;
  private final StartingPoints points;

  public ChampionStart(RecipeReader recipes, LineageStore lineage) {
    this.requests = new RequestReader(recipes);
    this.points = new StartingPoints(lineage);
  }

  /** The champion that the firing's run goes on from, if it does. */
  static Optional<Champion> of(Surveyed firing) {
    return firing.champion().filter(champion -> firing.from() == From.CHAMPION);
  }

  /** The stage that begins with it; empty where a recipe trains nothing. */
  static Optional<StageRecipe.Train> stage(PipelineRecipe recipe) {
    return recipe.stages().stream()
        .filter(StageRecipe.Train.class::isInstance)
        .map(StageRecipe.Train.class::cast)
        .findFirst();
  }

  /** Why the firing's run cannot go on from its champion, and what to do; empty where it can. */
  public Optional<String> misfit(Surveyed firing) {
    Optional<Champion> champion = of(firing);
    if (champion.isEmpty()) {
      return Optional.empty();
    }
    PipelineRecipe recipe = recipe(firing);
    StageRecipe.Train stage = stage(recipe).orElseThrow();
    return points
        .misfit(champion.get().checkpoint(), stage, recipe.architecture(stage))
        .map(
            why ->
                "version %d of %s, checkpoint %s of %s, %s: train with its networks, or from scratch"
                    .formatted(
                        champion.get().version(),
                        firing.model(),
                        champion.get().checkpoint().id().shortForm(),
                        champion.get().checkpoint().track(),
                        why));
  }

  /** Writes the champion into a request of the firing's run. */
  void write(Surveyed firing, Champion champion, ObjectNode pipeline) {
    PipelineRecipe recipe = recipe(firing);
    StageRecipe.Train stage = stage(recipe).orElseThrow();
    Start.Fresh networks = recipe.architecture(stage);
    String field = stage.name() + ".start";
    ObjectNode overrides = pipeline.withObjectProperty("overrides");
    // what the request itself says of the start is in the networks already
    overrides.remove(
        overrides.properties().stream()
            .map(Map.Entry::getKey)
            .filter(path -> path.startsWith(field + "."))
            .toList());
    overrides.set(
        field,
        RecipeFormat.mapper()
            .valueToTree(
                new Start.FromCheckpoint(
                    champion.checkpoint().id(),
                    networks.student(),
                    networks.dinoHead(),
                    networks.ibotHead())));
  }

  private PipelineRecipe recipe(Surveyed firing) {
    return requests.read(new OpenRequest(firing.run().value(), firing.pipeline())).recipe();
  }
}
