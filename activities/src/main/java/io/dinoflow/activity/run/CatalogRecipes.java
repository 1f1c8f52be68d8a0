package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.NearestName;
import io.dinoflow.model.recipe.io.Problem;
import io.dinoflow.model.recipe.io.RecipeCatalog;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.recipe.io.RecipeProblemsException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** Reads recipes strictly, from a catalog by name or from a tree. */
public final class CatalogRecipes implements RecipeReader {
  private final RecipeCatalog catalog;

  public CatalogRecipes(RecipeCatalog catalog) {
    this.catalog = catalog;
  }

  @Override
  public PipelineRecipe named(String name, Map<String, JsonNode> overrides) {
    PipelineRecipe recipe =
        reported(
            () ->
                catalog
                    .find(name)
                    .orElseThrow(
                        () ->
                            new RecipeProblems(
                                List.of(
                                    "recipe: there is no recipe \"%s\"%s; there are %s"
                                        .formatted(
                                            name,
                                            NearestName.of(name, catalog.names())
                                                .map(n -> ", did you mean \"" + n + "\"?")
                                                .orElse(""),
                                            catalog.names())))));
    return overridden(recipe, overrides);
  }

  @Override
  public PipelineRecipe overridden(PipelineRecipe recipe, Map<String, JsonNode> overrides) {
    return reported(() -> RecipeFormat.override(recipe, overrides));
  }

  @Override
  public PipelineRecipe of(JsonNode tree, Map<String, JsonNode> overrides) {
    return reported(() -> RecipeFormat.override(RecipeFormat.bind(tree), overrides));
  }

  @Override
  public String canonicalJson(PipelineRecipe recipe) {
    return RecipeFormat.canonicalJson(recipe);
  }

  @Override
  public List<String> differences(String oldJson, String newJson) {
    return RecipeFormat.differences(oldJson, newJson);
  }

  private static <T> T reported(Supplier<T> reading) {
    try {
      return reading.get();
    } catch (RecipeProblemsException e) {
      throw new RecipeProblems(e.problems().stream().map(Problem::toString).toList());
    }
  }
}
