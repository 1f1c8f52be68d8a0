package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.dinoflow.model.recipe.BackboneFamily;
import io.dinoflow.model.recipe.BackboneRecipe;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The family has the published sizes, counted from the specifications without any tensor. */
class BackboneFamilyTest {

  /**
   * Exact counts are those of the other implementation's modules for the released configurations;
   * published ones are the rounded numbers of the model cards, in millions.
   */
  @ParameterizedTest
  @CsvSource({
    "vits16,           21596544,   21,  1",
    "vits16plus,       28692864,   29,  1",
    "vitb16,           85660416,   86,  1",
    "vitl16,          303129600,  300,  5",
    "vith16plus,      840592640,  840,  1",
    "vit7b16,        6716035072, 6716,  1",
    "convnext_tiny,    27820128,   29,  2",
    "convnext_small,   49454688,   50,  1",
    "convnext_base,    87566464,   89,  2",
    "convnext_large,  196230336,  198,  2"
  })
  void hasThePublishedNumberOfParameters(
      String name, long exact, double publishedMillions, double roundedMillions) {
    BackboneRecipe recipe = BackboneFamily.find(name).orElseThrow();
    long own = 0;
    for (ParameterSpec spec : Backbones.of(recipe).parameters()) {
      own += publishedSize(spec, recipe);
    }
    assertThat(own).isEqualTo(exact);
    assertThat(own / 1e6).isCloseTo(publishedMillions, within(roundedMillions));
  }

  /** Published files lack the keys' bias, which has no effect, and the norm of local crops. */
  private static long publishedSize(ParameterSpec spec, BackboneRecipe recipe) {
    if (spec.name().startsWith("local_cls_norm.")) {
      return 0;
    }
    boolean masked = recipe instanceof BackboneRecipe.Vit vit && vit.maskKBias();
    return masked && spec.name().endsWith("attn.qkv.bias") ? spec.size() / 3 * 2 : spec.size();
  }

  @Test
  void namesTransformersThenConvNexts() {
    assertThat(BackboneFamily.names())
        .containsExactlyElementsOf(
            List.of(
                "vits16",
                "vits16plus",
                "vitb16",
                "vitl16",
                "vith16plus",
                "vit7b16",
                "convnext_tiny",
                "convnext_small",
                "convnext_base",
                "convnext_large"));
    assertThat(BackboneFamily.find("vits14")).isEmpty();
  }
}
