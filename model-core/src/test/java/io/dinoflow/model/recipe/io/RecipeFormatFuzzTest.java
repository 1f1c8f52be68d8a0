package io.dinoflow.model.recipe.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.dinoflow.model.recipe.PipelineRecipe;
import java.nio.charset.StandardCharsets;

class RecipeFormatFuzzTest {

  @FuzzTest
  void readsARecipeOrListsItsProblems(byte[] bytes) {
    try {
      PipelineRecipe recipe = RecipeFormat.parse(new String(bytes, StandardCharsets.UTF_8));
      String canonical = RecipeFormat.canonicalJson(recipe);
      assertThat(RecipeFormat.parse(canonical)).isEqualTo(recipe);
    } catch (RecipeProblemsException refused) {
      assertThat(refused.problems()).isNotEmpty();
    }
  }
}
