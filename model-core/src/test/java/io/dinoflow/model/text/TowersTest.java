package io.dinoflow.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class TowersTest {
  private static final String RECIPE =
      """
      name: words
      stages:
        - kind: curate
        - kind: train
          name: pretrain
          start: {kind: fresh, student: {arch: vit, embed_dim: 24, depth: 1, num_heads: 3}}
          steps: 1
        - kind: distill
          name: distill
          teacher: pretrain
          steps: 1
          groups: [{students: [{name: small, student: {arch: convnext, depths: [1, 1, 1, 1], dims: [8, 8, 16, 24]}}]}]
        - kind: align_text
          vision: pretrain
          steps: 1
          image_size: 32
      """;

  @Test
  void eachDistinctCaptionIsEncodedOnce() {
    Towers.Captions captions =
        towers(RECIPE).tokenise(List.of("a cat", "a dog", "a cat", "a fox", "a dog"));

    assertThat(captions.rows()).containsExactly(0, 1, 0, 2, 1);
    assertThat(captions.distinct_UL()).hasNumberOfRows(3);
    assertThat(captions.distinct_UL()[2]).isEqualTo(ClipTokenizer.clip().encode("a fox", 32));
    assertThat(captions.allDistinct()).isFalse();
    assertThat(towers(RECIPE).tokenise(List.of("a", "b")).allDistinct()).isTrue();
  }

  @Test
  void aPictureSmallerThanAPatchIsRefused() {
    assertThatThrownBy(() -> towers(RECIPE.replace("image_size: 32", "image_size: 8")))
        .hasMessageContaining("image_size is 8, must be at least 16");
  }

  @Test
  void aStudentThatIsNotThereIsRefusedWithTheRecipe() {
    String vision = "vision: pretrain";
    assertThatThrownBy(() -> RecipeFormat.parse(RECIPE.replace(vision, "vision: distill")))
        .hasMessageContaining("[small]");
    assertThatThrownBy(
            () -> RecipeFormat.parse(RECIPE.replace(vision, "vision: distill\n    student: big")))
        .hasMessageContaining("student \"big\"")
        .hasMessageContaining("[small]");
    assertThatThrownBy(
            () ->
                RecipeFormat.parse(RECIPE.replace(vision, "vision: pretrain\n    student: small")))
        .hasMessageContaining("without a student");
    assertThatThrownBy(() -> RecipeFormat.parse(RECIPE.replace(vision, "vision: curate")))
        .hasMessageContaining("is no vision tower");
    assertThat(towers(RECIPE.replace(vision, "vision: distill\n    student: small")).backbone())
        .isNotNull();
  }

  private static Towers towers(String text) {
    PipelineRecipe recipe = RecipeFormat.parse(text);
    return Towers.of(recipe, recipe.stage("align", StageRecipe.AlignText.class));
  }
}
