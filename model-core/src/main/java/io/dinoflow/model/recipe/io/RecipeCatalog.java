package io.dinoflow.model.recipe.io;

import io.dinoflow.model.recipe.PipelineRecipe;
import java.util.List;
import java.util.Optional;

/** Recipes that can be asked for by name. Thread-safe. */
public interface RecipeCatalog {
  /** All names, sorted. */
  List<String> names();

  /** The recipe's text as it was written, with its comments. */
  Optional<String> text(String name);

  /** The recipe, read. */
  default Optional<PipelineRecipe> find(String name) {
    return text(name).map(RecipeFormat::parse);
  }
}
