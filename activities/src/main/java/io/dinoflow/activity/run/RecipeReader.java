package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.recipe.PipelineRecipe;
import java.util.List;
import java.util.Map;

/** The strict reader of recipes, as opening a run needs it; ops wires it. */
public interface RecipeReader {
  /**
   * The shipped or stored recipe of that name, overridden.
   *
   * @throws RecipeProblems all problems together
   */
  PipelineRecipe named(String name, Map<String, JsonNode> overrides);

  /**
   * A recipe given as a tree, overridden.
   *
   * @throws RecipeProblems all problems together
   */
  PipelineRecipe of(JsonNode tree, Map<String, JsonNode> overrides);

  /**
   * A recipe with values replaced, by path.
   *
   * @throws RecipeProblems all problems together
   */
  PipelineRecipe overridden(PipelineRecipe recipe, Map<String, JsonNode> overrides);

  /** Equal recipes have equal text; its digest names the recipe. */
  String canonicalJson(PipelineRecipe recipe);

  /** The fields in which two canonical texts differ, each as {@code path: old -> new}. */
  List<String> differences(String oldJson, String newJson);

  /** Every problem of a recipe, each naming its place and what would be right. */
  final class RecipeProblems extends RuntimeException {
    private final List<String> problems;

    public RecipeProblems(List<String> problems) {
      super(String.join("\n", problems));
      this.problems = List.copyOf(problems);
    }

    public List<String> problems() {
      return problems;
    }
  }
}
