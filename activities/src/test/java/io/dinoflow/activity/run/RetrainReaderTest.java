package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.workflow.activity.RetrainActivities.From;
import io.dinoflow.workflow.activity.RetrainActivities.Promote;
import io.dinoflow.workflow.activity.RetrainActivities.Survey;
import io.dinoflow.workflow.activity.RetrainActivities.Surveyed;
import io.temporal.failure.ApplicationFailure;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RetrainReaderTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant DUE = Instant.parse("2030-05-01T12:00:00Z");

  @Test
  void fillsInWhatIsLeftOut() {
    Surveyed read = read(request());

    assertThat(read.run().value()).isEqualTo("nightly-20300501T120000Z");
    assertThat(read.model()).isEqualTo("nightly");
    assertThat(read.alias()).isEqualTo("champion");
    assertThat(read.newSamplesMin()).isEqualTo(1);
    assertThat(read.promote()).isEqualTo(Promote.ASK);
    assertThat(read.askHoursMax()).isEqualTo(168);
    assertThat(read.from()).isEqualTo(From.SCRATCH);
    assertThat(read.gate()).matches("knn\\d+\\.top1 >= champion");
    assertThat(Chain.recipe().stage(read.subject())).isPresent();
  }

  @Test
  void takesWhatIsGiven() {
    ObjectNode request = request();
    request.put("model", "birds").put("min_new_samples", 40).put("promote", "auto");
    request
        .put("ask_hours", 2)
        .put("from", "champion")
        .put("gate", read(request()).gate().replace(">= champion", ">= 0.5"));

    Surveyed read = read(request);
    assertThat(read.model()).isEqualTo("birds");
    assertThat(read.newSamplesMin()).isEqualTo(40);
    assertThat(read.promote()).isEqualTo(Promote.AUTO);
    assertThat(read.askHoursMax()).isEqualTo(2);
    assertThat(read.from()).isEqualTo(From.CHAMPION);
    assertThat(read.gate()).endsWith(">= 0.5");
  }

  @Test
  void listsEveryProblemOfTheRequest() {
    ObjectNode request = request();
    request.put("min_new_sample", 5).put("ask_hours", 0).put("promote", "maybe");
    request.put("gate", "knn10.top >= champion").put("subject", "nobody");
    request.put("model", "a model").put("from", "champoin");

    assertThat(problems(request))
        .contains(
            "min_new_sample: unknown field, did you mean \"min_new_samples\"?",
            "ask_hours: is 0, must be a whole number from 1 to 8760",
            "promote: is \"maybe\"",
            "model: is \"a model\"",
            "from: is \"champoin\", must be a text of the form champion|scratch",
            "subject: \"nobody\" is measured by no Evaluate stage");
  }

  @Test
  void refusesToGoOnFromAChampionWhereNoStageCouldBeginWithIt() {
    ObjectNode request = request();
    ObjectNode pipeline = (ObjectNode) request.put("from", "champion").get("pipeline");
    pipeline.set(
        "recipe",
        RecipeFormat.mapper()
            .valueToTree(
                RecipeFormat.parse(
                    """
                    name: imported-only
                    stages:
                      - kind: curate
                      - {kind: import, name: teacher, from: published, student: vits16}
                      - {kind: evaluate, subjects: [teacher]}
                    """)));
    assertThat(problems(request.put("subject", "teacher")))
        .contains("from: the recipe has no train stage that could begin with the champion");
    pipeline.set(
        "recipe",
        RecipeFormat.mapper()
            .valueToTree(
                RecipeFormat.parse(
                    """
                    name: anchored-at-once
                    stages:
                      - kind: curate
                      - {kind: import, name: teacher, from: published, student: vits16}
                      - kind: train
                        name: adapt
                        steps: 10
                        start: {kind: from_teacher, from: teacher}
                        crops: {sizes: [{gram: 224}]}
                        gram: {kind: refreshed_every}
                      - {kind: evaluate, subjects: [adapt]}
                    """)));
    request.remove("subject");
    assertThat(problems(request))
        .contains("from: stage \"adapt\" cannot begin with the champion")
        .contains("refreshed_every");
  }

  @Test
  void saysWhichMetricAGatePerhapsMeant() {
    ObjectNode request = request();
    String metric = read(request()).gate().replace(" >= champion", "");
    request.put("gate", metric.replace("top1", "top") + " >= champion");

    assertThat(problems(request)).contains("gate: ", "did you mean \"" + metric + "\"?");
  }

  @Test
  void refusesPicturesInThePipelineAndARecipeThatIsNone() {
    ObjectNode request = request();
    ((ObjectNode) request.get("pipeline")).put("data", "emoji").put("recipe", "chian");

    assertThat(problems(request)).contains("pipeline.data", "there is no recipe \"chian\"");
  }

  private static ObjectNode request() {
    ObjectNode request = JSON.createObjectNode();
    request.put("schedule", "nightly").put("dataset", "/pictures");
    request.putObject("pipeline").put("recipe", "chain");
    return request;
  }

  private static Surveyed read(ObjectNode request) {
    return new RetrainReader(new CatalogRecipes(new Chain()))
        .read(new Survey("retrain/nightly", DUE.toEpochMilli(), request));
  }

  private static String problems(ObjectNode request) {
    return catchThrowableOfType(ApplicationFailure.class, () -> read(request)).getOriginalMessage();
  }
}
