package io.dinoflow.model.recipe.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dinoflow.model.recipe.BackboneFamily;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecipeFormatTest {
  private static final String SMALL =
      """
      name: small
      stages:
        - kind: curate
        - kind: train
          name: pretrain
          start: {kind: fresh, student: {arch: vit, embed_dim: 48, depth: 1, num_heads: 3}}
          steps: 10
      """;

  @ParameterizedTest
  @ValueSource(strings = {"demo", "tiny", "dinov3-7b", "dinov3-sat", "dinov3-text"})
  void shippedRecipesReadBackFromTheirCanonicalForm(String name) throws IOException {
    Path file =
        Path.of(
            System.getProperty("dinoflow.root"), "ops/src/main/resources/recipes", name + ".yaml");
    PipelineRecipe recipe = RecipeFormat.parse(Files.readString(file));
    String canonical = RecipeFormat.canonicalJson(recipe);
    assertThat(RecipeFormat.parse(canonical)).isEqualTo(recipe);
    assertThat(RecipeFormat.canonicalJson(RecipeFormat.parse(canonical))).isEqualTo(canonical);
    assertThat(recipe.name()).isEqualTo(name);
  }

  @Test
  void everyProblemIsReportedAtOnceWithPathAndNearestName() {
    String wrong =
        SMALL.replace("steps: 10", "setps: 10\n    batch_size: many\n    optim: {clip_grad: -1}");
    RecipeProblemsException e =
        catchThrowableOfType(RecipeProblemsException.class, () -> RecipeFormat.parse(wrong));
    assertThat(e.getMessage())
        .contains("stages[1].setps: is no field here; did you mean \"steps\"?")
        .contains("stages[1].steps: is missing, must be given")
        .contains("stages[1].batch_size: is \"many\", must be a whole number")
        .contains("stages[1].optim: clip_grad is -1, must be more than 0");
  }

  @Test
  void wrongNamesAndWrongValuesOfOverridesAreReportedTogether() {
    PipelineRecipe recipe = RecipeFormat.parse(SMALL);
    assertThatThrownBy(
            () -> RecipeFormat.override(recipe, Map.of("pretrain.setps", 3, "seed", "x")))
        .hasMessageContaining("did you mean \"steps\"?")
        .hasMessageContaining("seed: is \"x\", must be a whole number");
  }

  @Test
  void aCropSmallerThanOnePatchIsRefused() {
    assertThatThrownBy(
            () ->
                RecipeFormat.parse(
                    SMALL.replace(
                        "steps: 10", "steps: 10\n    crops: {sizes: [{global: 32, local: 8}]}")))
        .hasMessageContaining("local is 8, must be at least 16, one patch of the student");
  }

  @Test
  void anUnknownChoiceNamesTheValidOnes() {
    assertThatThrownBy(() -> RecipeFormat.parse(SMALL.replace("kind: train", "kind: trian")))
        .hasMessageContaining("stages[1].kind: is \"trian\"")
        .hasMessageContaining("did you mean \"train\"?");
  }

  @Test
  void aClipThatWouldZeroEveryGradientIsRefused() {
    String zero = SMALL.replace("steps: 10", "steps: 10\n    optim: {clip_grad: 0}");
    assertThatThrownBy(() -> RecipeFormat.parse(zero))
        .hasMessageContaining("stages[1].optim: clip_grad is 0, must be more than 0");
  }

  @Test
  void nullIsNoNumber() {
    assertThatThrownBy(() -> RecipeFormat.parse(SMALL.replace("steps: 10", "steps: null")))
        .hasMessageContaining("stages[1].steps: is null, must be a whole number");
  }

  @Test
  void anEvaluationIsBoundedAndSaysWhatItCannotMeasure() {
    String evaluated = SMALL + "  - {kind: evaluate, subjects: [pretrain]}\n";
    assertThat(
            RecipeFormat.parse(evaluated)
                .stage("evaluate", StageRecipe.Evaluate.class)
                .samplesMax())
        .isEqualTo(10_000);
    assertThatThrownBy(
            () -> RecipeFormat.parse(evaluated.replace("[pretrain]", "[pretrain], samples_max: 9")))
        .hasMessageContaining("stages[2]: samples_max is 9, must be at least 10");
    assertThatThrownBy(
            () -> RecipeFormat.parse(evaluated.replace("[pretrain]", "[pretrain], knn: [10, 0]")))
        .hasMessageContaining("stages[2]: knn[1] is 0, must be at least 1");
    assertThatThrownBy(
            () -> RecipeFormat.parse(evaluated.replace("[pretrain]", "[pretrain], knn: [5, 5]")))
        .hasMessageContaining("must name each k once");
  }

  @Test
  void aStageMayNameOnlyEarlierStages() {
    assertThatThrownBy(
            () -> RecipeFormat.parse(SMALL.replace("steps: 10", "steps: 10\n    dataset: other")))
        .hasMessageContaining("refers to \"other\"");
  }

  @Test
  void overridesReachStagesByTheirName() {
    PipelineRecipe changed =
        RecipeFormat.override(
            RecipeFormat.parse(SMALL),
            Map.of("pretrain.steps", 20, "seed", 7, "pretrain.crops.sizes.0.local", 32));
    StageRecipe.Train train = changed.stage("pretrain", StageRecipe.Train.class);
    assertThat(train.steps()).isEqualTo(20);
    assertThat(changed.seed()).isEqualTo(7);
    assertThat(train.crops().sizes().get(0).local()).isEqualTo(32);
    assertThatThrownBy(() -> RecipeFormat.override(changed, Map.of("pretrain.optim.clip_gard", 1)))
        .hasMessageContaining("did you mean \"clip_grad\"?");
  }

  @Test
  void differencesNameTheFieldsAndBothValues() {
    PipelineRecipe a = RecipeFormat.parse(SMALL);
    PipelineRecipe b = RecipeFormat.override(a, Map.of("pretrain.steps", 20));
    assertThat(
            RecipeFormat.differences(RecipeFormat.canonicalJson(a), RecipeFormat.canonicalJson(b)))
        .containsExactly("stages[1].steps: 10 -> 20");
    assertThat(RecipeFormat.digest(a)).isNotEqualTo(RecipeFormat.digest(b));
  }

  private static String withStudent(String student) {
    return SMALL.replace("{arch: vit, embed_dim: 48, depth: 1, num_heads: 3}", student);
  }

  private static BackboneRecipe student(PipelineRecipe recipe) {
    return recipe.architecture(recipe.stage("pretrain", StageRecipe.Train.class)).student();
  }

  @Test
  void aBackboneIsNamedByItsFamilyName() {
    PipelineRecipe named = RecipeFormat.parse(withStudent("vits16"));
    assertThat(student(named)).isEqualTo(BackboneFamily.find("vits16").orElseThrow());
    String written =
        "{arch: vit, embed_dim: 384, depth: 12, num_heads: 6, pos_embed_rope_rescale_coords: 2}";
    assertThat(RecipeFormat.digest(named))
        .as("a name and its fields are one recipe")
        .isEqualTo(RecipeFormat.digest(RecipeFormat.parse(withStudent(written))));
    assertThat(RecipeFormat.canonicalJson(named)).contains("embed_dim").doesNotContain("vits16");
  }

  @Test
  void aNamedBackboneTakesSingleFieldsOverTheFamilys() {
    PipelineRecipe recipe =
        RecipeFormat.parse(withStudent("{name: convnext_tiny, drop_path_rate: 0.1}"));
    BackboneRecipe.ConvNext student = (BackboneRecipe.ConvNext) student(recipe);
    assertThat(student.dims()).containsExactly(96, 192, 384, 768);
    assertThat(student.dropPathRate()).isEqualTo(0.1);
    PipelineRecipe overridden =
        RecipeFormat.override(recipe, Map.of("pretrain.start.student", "vitb16"));
    assertThat(student(overridden)).isEqualTo(BackboneFamily.find("vitb16").orElseThrow());
  }

  @Test
  void aWrongFamilyNameNamesTheNearestOne() {
    assertThatThrownBy(() -> RecipeFormat.parse(withStudent("vitb61")))
        .hasMessageContaining("stages[1].start.student: is \"vitb61\", must be one of [vits16,")
        .hasMessageContaining("did you mean \"vitb16\"?");
    assertThatThrownBy(() -> RecipeFormat.parse(withStudent("{name: convnext_tinny}")))
        .hasMessageContaining("stages[1].start.student.name: is \"convnext_tinny\"")
        .hasMessageContaining("did you mean \"convnext_tiny\"?");
    assertThatThrownBy(() -> RecipeFormat.parse(withStudent("{name: vits16, arch: convnext}")))
        .hasMessageContaining("student.arch: is \"convnext\", but \"vits16\" is a vit");
    assertThatThrownBy(() -> RecipeFormat.parse(withStudent("{name: vits16, dpeth: 3}")))
        .hasMessageContaining("student.dpeth: is no field here; did you mean \"depth\"?");
    assertThatThrownBy(() -> RecipeFormat.parse(withStudent("{name: vits16, num_heads: 7}")))
        .hasMessageContaining("embed_dim is 384, must be a multiple of 7");
  }

  private static final String IMPORTING =
      """
      name: importing
      stages:
        - kind: curate
        - {kind: import, name: teacher, from: published, student: vits16}
        - kind: train
          name: adapt
          start: {kind: from_teacher, from: teacher}
          steps: 10
      """;

  @Test
  void anImportedModelGivesWhatStartsFromItItsArchitecture() {
    PipelineRecipe recipe = RecipeFormat.parse(IMPORTING);
    StageRecipe.Train adapt = recipe.stage("adapt", StageRecipe.Train.class);
    assertThat(recipe.architecture(adapt).student())
        .isEqualTo(BackboneFamily.find("vits16").orElseThrow());
    assertThat(recipe.beginning(adapt).name()).isEqualTo("teacher");
    StageRecipe.Import teacher = recipe.stage("teacher", StageRecipe.Import.class);
    assertThat(teacher.track()).hasToString("import-published/imported");
    assertThat(recipe.stageOf(teacher.track())).isEqualTo(teacher);
    assertThat(RecipeFormat.parse(RecipeFormat.canonicalJson(recipe))).isEqualTo(recipe);
  }

  @Test
  void aStageThatBeginsWithAnotherRunsCheckpointHasTheNetworksThatItNames() {
    String text =
        IMPORTING.replace(
            "{kind: from_teacher, from: teacher}",
            "{kind: from_checkpoint, checkpoint: %s, student: vitb16}".formatted("ab".repeat(32)));
    PipelineRecipe recipe = RecipeFormat.parse(text);
    StageRecipe.Train adapt = recipe.stage("adapt", StageRecipe.Train.class);
    assertThat(recipe.architecture(adapt).student())
        .isEqualTo(BackboneFamily.find("vitb16").orElseThrow());
    assertThat(recipe.beginning(adapt)).isEqualTo(adapt);
    assertThat(adapt.needs()).containsExactly("curate");
    assertThat(RecipeFormat.parse(RecipeFormat.canonicalJson(recipe))).isEqualTo(recipe);
    assertThat(RecipeFormat.digest(RecipeFormat.parse(text.replace("ab", "cd"))))
        .as("another checkpoint is another recipe")
        .isNotEqualTo(RecipeFormat.digest(recipe));
    assertThatThrownBy(() -> RecipeFormat.parse(text.replace("ab".repeat(32), "abab")))
        .hasMessageContaining("stages[2].start")
        .hasMessageContaining("\"abab\" is not a SHA-256 digest");
  }

  @Test
  void anImportedModelCannotGiveWhatItLacks() {
    assertThatThrownBy(
            () ->
                RecipeFormat.parse(
                    IMPORTING
                        + "  - {kind: distill, teacher: teacher, steps: 5,"
                        + " groups: [{students: [{name: s, student: vits16}]}]}\n"))
        .hasMessageContaining("an imported model has no heads to distil");
    assertThatThrownBy(
            () -> RecipeFormat.parse(IMPORTING.replace("kind: from_teacher", "kind: continue")))
        .hasMessageContaining("must name a stage of kind train");
    assertThatThrownBy(
            () ->
                RecipeFormat.parse(
                    IMPORTING.replace("student: vits16", "weights: xyz, student: vits16")))
        .hasMessageContaining("weights is \"xyz\", must be 8 to 64 digits");
    assertThatThrownBy(
            () ->
                RecipeFormat.parse(
                    """
                    name: measured
                    stages:
                      - {kind: import, name: teacher, from: published, student: vits16}
                      - {kind: evaluate, subjects: [teacher]}
                    """))
        .hasMessageContaining("measures on a curate stage's source images, and there is none");
  }

  @Test
  void hostileTextIsRefused() {
    assertThatThrownBy(() -> RecipeFormat.parse("x".repeat(300_000)))
        .hasMessageContaining("must have at most");
    assertThatThrownBy(() -> RecipeFormat.parse("a: &a [1,1]\nb: &b [*a,*a]\nc: [*b,*b]\nname: x"))
        .isInstanceOf(RecipeProblemsException.class);
    assertThatThrownBy(() -> RecipeFormat.parse("[".repeat(5000)))
        .isInstanceOf(RecipeProblemsException.class);
    assertThatThrownBy(() -> RecipeFormat.parse("")).isInstanceOf(RecipeProblemsException.class);
  }
}
