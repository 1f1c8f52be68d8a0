package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.temporal.failure.ApplicationFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestReaderTest {
  private final RequestReader reader = new RequestReader(new CatalogRecipes(new Chain()));

  @Test
  void takesANamedRecipeWithItsDefaults() {
    RequestReader.Accepted accepted = read("{'recipe': 'chain'}");
    assertThat(accepted.run().value()).isEqualTo("my-run");
    assertThat(accepted.recipe()).isEqualTo(Chain.recipe());
    assertThat(accepted.reuse()).isTrue();
  }

  @Test
  void appliesOverridesAndData() {
    RequestReader.Accepted accepted =
        read(
            "{'recipe': 'chain', 'overrides': {'pretrain.steps': 20, 'seed': 9}, 'data':"
                + " '/pictures', 'reuse': false}");
    assertThat(accepted.recipe().seed()).isEqualTo(9);
    assertThat(accepted.recipe().data().source()).isEqualTo("/pictures");
    assertThat(accepted.recipe().stage("pretrain", StageRecipe.Train.class).steps()).isEqualTo(20);
    assertThat(accepted.reuse()).isFalse();
  }

  @Test
  void stepsToRecordLeaveTheRecipeAsItIs() {
    RequestReader.Accepted plain = read("{'recipe': 'chain'}");
    RequestReader.Accepted recorded = read("{'recipe': 'chain', 'profile': 20}");
    assertThat(plain.profileSteps()).isZero();
    assertThat(recorded.profileSteps()).isEqualTo(20);
    assertThat(recorded.recipe()).isEqualTo(plain.recipe());
    assertThat(refused("my-run", "{'recipe': 'chain', 'profile': 1.5}"))
        .contains("profile: is 1.5, must be a number of steps from 1 to 1000");
  }

  @Test
  void takesAWholeRecipe() throws Exception {
    ObjectNode request = new ObjectMapper().createObjectNode();
    request.set("recipe", new ObjectMapper().readTree(RecipeFormat.canonicalJson(Chain.recipe())));
    request.putNull("overrides").putNull("data").putNull("reuse");
    assertThat(reader.read(new OpenRequest("my-run", request)).recipe()).isEqualTo(Chain.recipe());
  }

  @Test
  void reportsEveryProblemAtOnce() {
    String message =
        refused(
            "no/such id",
            "{'recipe': 'chian', 'overides': {}, 'overrides': [1], 'data': 3, 'reuse': 'yes', 'profile': 1001}");
    assertThat(message)
        .startsWith("The run was not started, because of 7 problems:")
        .contains("workflow id: run id \"no/such id\" is not allowed")
        .contains("overides: unknown field; known are recipe, overrides, data, reuse, profile")
        .contains("overrides: is [1], must be an object")
        .contains("data: is 3, must be a text")
        .contains("profile: is 1001, must be a number of steps from 1 to 1000")
        .contains("reuse: is \"yes\", must be true or false")
        .contains("there is no recipe \"chian\", did you mean \"chain\"?");
  }

  @Test
  void reportsEveryWrongOverride() {
    assertThat(
            refused(
                "my-run",
                "{'recipe': 'chain', 'overrides': {'pretrain.stepz': 1, 'nobody.steps': 2}}"))
        .contains("2 problems")
        .contains("pretrain.stepz: names no field; did you mean \"steps\"?")
        .contains("nobody.steps");
    assertThat(
            refused(
                "my-run",
                "{'recipe': 'chain', 'overrides': {'pretrain.steps': 0, 'gram.batch_size':"
                    + " 'many'}}"))
        .contains("2 problems")
        .contains("steps is 0, must be at least 1")
        .contains("batch_size: is \"many\", must be a whole number");
  }

  @Test
  void refusesARequestThatNoHistoryShouldCarry() {
    String large = "x".repeat(RecipeFormat.CHARACTERS_MAX);
    assertThat(refused("my-run", "{'recipe': '%s'}".formatted(large)))
        .contains("the input has 262,157 characters, must have at most 262,144")
        .hasSizeLessThan(300);
    assertThat(refused("my-run", "'%s'".formatted(large))).hasSizeLessThan(300);
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "'chain'", "7", "{}", "{'recipe': 3}", "{'recipe': null}"})
  void saysWhatTheInputMustBe(String request) {
    assertThat(refused("my-run", request)).contains("must be").contains("1 problem:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a/b", "a b", "ä", "x'; DROP TABLE run", "../up"})
  void refusesRunIdsThatAreNotAllowed(String id) {
    assertThat(refused(id, "{'recipe': 'chain'}")).contains("run id \"" + id + "\" is not allowed");
  }

  @Test
  void refusesARunIdThatIsTooLong() {
    assertThat(refused("x".repeat(121), "{'recipe': 'chain'}")).contains("1 to 120");
  }

  /** Values that are right alone, but not together; each was found out only in training. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gram.start | {`kind`: `from_teacher`, `from`: `curate`} | curate",
        "gram.crops.sizes.0.gram | 0 | gram",
        "pretrain.crops.sizes.0.global | 30 | multiple of 8",
        "distill.crops.sizes.0.global | 36 | multiple of 8",
        "highres.gram.from | `curate` | curate",
        "distill.teacher | `curate` | curate",
        "distill.dataset | `pretrain` | pretrain",
        "pretrain.dataset | `nothing` | nothing",
        "align.vision | `curate` | curate",
        "align.student | `nobody` | nobody",
        "evaluate.text | `pretrain` | pretrain",
        "evaluate.subjects | [`curate`] | curate",
        "evaluate.image_size | 4 | image_size",
        "evaluate.knn | [0] | knn",
        "pretrain.losses.mask_ratio_min_max | [0.6, 0.1] | mask_ratio_min_max",
        "pretrain.losses.mask_ratio_min_max | [-1, 0.5] | mask_ratio_min_max",
        "pretrain.start.student.embed_dim | 0 | embed_dim",
        "pretrain.start.student.patch_size | 64 | one patch",
        "pretrain.start.student.ffn_ratio | 0 | ffn_ratio",
        "align.text.heads | 0 | heads",
        "pretrain.batch_size | 1 | batch_size",
        "pretrain.steps | 0 | steps",
        "pretrain.crops.rgb_std | [0, 1, 1] | rgb_std"
      })
  void refusesWhatCannotWorkTogether(String path, String value, String naming) {
    assertThat(
            refused(
                "my-run",
                "{'recipe': 'chain', 'overrides': {'%s': %s}}"
                    .formatted(path, value.replace('`', '\''))))
        .as("%s = %s", path, value)
        .contains(naming);
  }

  @Test
  void refusesARefreshedGramTeacherWithoutATeacherToBeginWith() {
    assertThat(
            refused(
                "my-run",
                "{'recipe': 'chain', 'overrides': {'pretrain.crops.sizes.0.gram': 64,"
                    + " 'pretrain.gram': {'kind': 'refreshed_every'}}}"))
        .contains("pretrain.gram: refreshed_every", "start must be continue");
    assertThat(
            refused(
                "my-run",
                "{'recipe': 'chain', 'overrides': {'gram.start': {'kind': 'from_checkpoint',"
                    + " 'checkpoint': '%s', 'student': {'arch': 'vit', 'patch_size': 8, 'embed_dim':"
                        .formatted("ab".repeat(32))
                    + " 48, 'depth': 2, 'num_heads': 3}}}}"))
        .contains("gram.gram: refreshed_every", "start must be continue");
  }

  private RequestReader.Accepted read(String request) {
    return reader.read(new OpenRequest("my-run", json(request)));
  }

  private String refused(String id, String request) {
    ApplicationFailure failure =
        catchThrowableOfType(
            ApplicationFailure.class, () -> reader.read(new OpenRequest(id, json(request))));
    assertThat(failure).as("the refusal of %s", request).isNotNull();
    assertThat(failure.isNonRetryable()).isTrue();
    assertThat(failure.getType()).isEqualTo(Failures.BAD_CONFIG);
    return failure.getOriginalMessage();
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(text, e);
    }
  }
}
