package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.plan.RecipeSizes;
import io.dinoflow.model.plan.StageSize;
import io.dinoflow.model.plan.TrackSize;
import io.dinoflow.model.recipe.BackboneFamily;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.StudentRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShippedRecipesTest {
  private static final ShippedRecipes SHIPPED = new ShippedRecipes();

  static List<String> names() {
    return SHIPPED.names();
  }

  /** The paper's own runs. */
  static Stream<String> paper() {
    return names().stream().filter(name -> name.startsWith("dinov3-"));
  }

  private static PipelineRecipe recipe(String name) {
    return SHIPPED.find(name).orElseThrow();
  }

  private static StageRecipe.Train train(String recipe, String stage) {
    return recipe(recipe).stage(stage, StageRecipe.Train.class);
  }

  @Test
  void everyFileOfTheFolderIsListed() throws IOException {
    Path folder =
        Path.of(System.getProperty("dinoflow.root", ".."), "ops/src/main/resources/recipes");
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".yaml", "")).sorted())
          .containsExactlyElementsOf(names());
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void eachIsRightAndCanBePlanned(String name) {
    PipelineRecipe recipe = recipe(name);
    assertThat(recipe.name()).isEqualTo(name);
    assertThat(recipe.description()).isNotBlank();
    assertThat(RecipeFormat.parse(RecipeFormat.canonicalJson(recipe))).isEqualTo(recipe);
    assertThat(RecipeSizes.of(recipe)).hasSameSizeAs(recipe.stages());
  }

  @ParameterizedTest
  @MethodSource("paper")
  void eachOfThePapersSaysItsSourceNeedsAndDifferences(String name) {
    String text = SHIPPED.text(name).orElseThrow();
    String opening = text.substring(0, text.indexOf("\nname:"));
    assertThat(opening)
        .contains("Source: the DINOv3 paper (arXiv 2508.10104), section")
        .contains("Differs")
        .contains("./dinoflow run " + name);
    List<StageSize> sizes = RecipeSizes.of(recipe(name));
    long largest =
        sizes.stream()
            .flatMap(stage -> stage.tracks().stream())
            .mapToLong(TrackSize::checkpointBytes)
            .max()
            .orElseThrow();
    double kept = sizes.stream().mapToLong(StageSize::keptBytes).sum() / Math.pow(2, 40);
    assertThat(opening)
        .contains("%d GiB".formatted(Math.round(largest / Math.pow(2, 30))))
        .contains(String.format(Locale.ROOT, "%.1f TiB of checkpoints that stay", kept));
  }

  /** What a run of one has made is reused by a run of another, if their stages are the same. */
  @ParameterizedTest
  @MethodSource("paper")
  void thoseThatGoOnFromTheWebModelHaveItsStagesWordForWord(String name) {
    if (name.equals("dinov3-sat")) {
      return;
    }
    List<StageRecipe> web = recipe("dinov3-7b").stages();
    assertThat(recipe(name).stages().subList(0, web.size())).isEqualTo(web);
  }

  @Test
  void theFamiliesAreThoseThatWerePublished() {
    assertThat(students("dinov3-distill-vit"))
        .containsExactly("vits16", "vits16plus", "vitb16", "vitl16", "vith16plus");
    assertThat(students("dinov3-distill-convnext"))
        .containsExactly("convnext_tiny", "convnext_small", "convnext_base", "convnext_large");
    for (String name : List.of("dinov3-distill-vit", "dinov3-distill-convnext")) {
      for (StudentRecipe student : distilled(name)) {
        assertThat(student.student()).isEqualTo(BackboneFamily.find(student.name()).orElseThrow());
      }
    }
  }

  private static List<StudentRecipe> distilled(String name) {
    return recipe(name).stage("distill", StageRecipe.Distill.class).groups().get(0).students();
  }

  private static List<String> students(String name) {
    return distilled(name).stream().map(StudentRecipe::name).toList();
  }

  @Test
  void theLargeModelIsCountedAndNotBuilt() {
    TrackSize track = RecipeSizes.of(recipe("dinov3-7b")).get(1).tracks().get(0);
    assertThat(track.backboneParameters()).isBetween(6_700_000_000L, 6_730_000_000L);
  }

  @Test
  void gramAnchoringSeesTwiceTheResolutionAndResolutionScalingOneAndAHalf() {
    for (CropRecipe.Size size : train("dinov3-7b", "gram").crops().sizes()) {
      assertThat(size.gram()).isEqualTo(2 * size.global());
    }
    List<CropRecipe.Size> mixed = train("dinov3-7b", "highres").crops().sizes();
    assertThat(mixed).allMatch(size -> 2 * size.gram() == 3 * size.global());
    assertThat(mixed.stream().map(CropRecipe.Size::global).distinct()).containsExactly(512, 768);
    assertThat(mixed.stream().map(CropRecipe.Size::local).distinct())
        .containsExactly(112, 168, 224, 336);
    assertThat(mixed.stream().mapToDouble(CropRecipe.Size::ratio).sum()).isEqualTo(1.0);
  }

  @Test
  void theSatelliteModelsNormaliseByTheirOwnPictures() {
    PipelineRecipe sat = recipe("dinov3-sat");
    for (String stage : List.of("pretrain", "gram", "highres")) {
      assertThat(train("dinov3-sat", stage).crops().rgbMean()).containsExactly(0.430, 0.411, 0.296);
      assertThat(train("dinov3-sat", stage).crops().rgbStd()).containsExactly(0.213, 0.156, 0.143);
    }
    StageRecipe.Distill distill = sat.stage("distill", StageRecipe.Distill.class);
    assertThat(distill.crops().rgbMean()).containsExactly(0.430, 0.411, 0.296);
    BackboneRecipe.Vit student = (BackboneRecipe.Vit) distilled("dinov3-sat").get(0).student();
    assertThat(student.untieGlobalAndLocalClsNorm()).isTrue();
  }
}
