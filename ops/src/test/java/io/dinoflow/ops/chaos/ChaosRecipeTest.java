package io.dinoflow.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import org.junit.jupiter.api.Test;

class ChaosRecipeTest {
  @Test
  void isARightRecipeThatCuratesTrainsDistilsAlignsAndMeasures() {
    JsonNode request = ChaosRecipe.request();
    PipelineRecipe recipe = RecipeFormat.parse(request.get("recipe").toString());

    assertThat(request.get("reuse").asBoolean()).isFalse();
    assertThat(recipe.stages()).hasSize(7);
    assertThat(request.get("recipe").get("stages").findValuesAsText("kind"))
        .contains("curate", "train", "distill", "align_text", "evaluate");
    assertThat(ChaosRecipe.steps("highres")).isEqualTo(64);
  }
}
