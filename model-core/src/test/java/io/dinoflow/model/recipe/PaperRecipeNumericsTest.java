package io.dinoflow.model.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.recipe.io.RecipeFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The shipped recipe of the 7B model has the steps, batches and rates of the official runs. */
@GoldenFixture("schedules")
class PaperRecipeNumericsTest {
  private static final int GPUS = 256;

  @ParameterizedTest
  @CsvSource({
    "pretrain, dinov3_vit7b16_pretrain",
    "gram, dinov3_vit7b16_gram_anchor",
    "highres, dinov3_vit7b16_high_res_adapt"
  })
  void eachStageRunsAsTheOfficialConfigurationSays(String stage, String official)
      throws IOException {
    Path file =
        Path.of(
            System.getProperty("dinoflow.root", ".."),
            "ops/src/main/resources/recipes/dinov3-7b.yaml");
    PipelineRecipe recipe = RecipeFormat.parse(Files.readString(file));
    StageRecipe.Train train = recipe.stage(stage, StageRecipe.Train.class);
    JsonNode golden = Golden.json("schedules");
    JsonNode run = golden.get("values").get(official);
    JsonNode config = run.get("config");

    assertThat(recipe.firstStep(train) + train.steps())
        .isEqualTo(run.get("total_iterations").asLong());
    assertThat(train.batchSize()).isEqualTo(GPUS * config.get("batch_size_per_gpu").asInt());
    JsonNode optim = config.get("optim");
    assertThat(train.optim().clipGrad()).isEqualTo(optim.get("clip_grad").asDouble());
    assertThat(train.optim().layerwiseDecay()).isEqualTo(optim.get("layerwise_decay").asDouble());
    assertThat(train.optim().patchEmbedLrMult())
        .isEqualTo(optim.get("patch_embed_lr_mult").asDouble());
    assertThat(train.optim().adamwBeta2()).isEqualTo(optim.get("adamw_beta2").asDouble());
    gram(train, config.get("gram"), recipe.firstStep(train));

    Map<String, Schedule> ours = new LinkedHashMap<>();
    ours.put("lr_world" + GPUS, train.optim().lr());
    ours.put("weight_decay", train.optim().weightDecay());
    ours.put("momentum", train.optim().momentum());
    ours.put("teacher_temp", train.optim().teacherTemp());
    ours.put("dino_local_loss_weight", train.losses().dinoLocalLossWeight());
    if (train.gram() instanceof GramTeacherRecipe.RefreshedEvery every) {
      ours.put("gram_loss_weight", every.loss().weight());
    } else if (train.gram() instanceof GramTeacherRecipe.FromCheckpoint from) {
      ours.put("gram_loss_weight", from.loss().weight());
    }
    ours.forEach((series, schedule) -> compare(golden, run, official, series, schedule));
    long frozen = train.optim().freezeLastLayerSteps();
    JsonNode last = run.get("series").get("last_layer_lr_world" + GPUS);
    for (int i = 0; i < last.size(); i++) {
      long step = run.get("probes").get(i).asLong();
      assertThat(last.get(i).asDouble() == 0)
          .as("last layer frozen at " + step)
          .isEqualTo(step < frozen || train.optim().lr().at(step) == 0);
    }
  }

  private static void gram(StageRecipe.Train train, JsonNode official, long first) {
    assertThat(train.gram() instanceof GramTeacherRecipe.None)
        .isNotEqualTo(official.get("use_loss").asBoolean());
    if (train.gram() instanceof GramTeacherRecipe.RefreshedEvery every) {
      assertThat(every.updateFrequency()).isEqualTo(official.get("update_frequency").asInt());
      assertThat(every.maxUpdates()).isEqualTo(official.get("max_updates").asInt());
      assertThat(first + every.updateFrequency())
          .isEqualTo(official.get("it_first_update").asLong());
      assertThat(every.loss().imgLevel()).isEqualTo(official.get("img_level").asBoolean());
    }
  }

  private static void compare(
      JsonNode golden, JsonNode run, String name, String series, Schedule ours) {
    JsonNode official = run.get("series").get(series);
    for (int i = 0; i < official.size(); i++) {
      long step = run.get("probes").get(i).asLong();
      double value = official.get(i).asDouble();
      Golden.compare(
          "schedules",
          "recipe %s %s at %d".formatted(name, series, step),
          ours.at(step),
          value,
          golden.get("tolerance_abs").asDouble()
              + golden.get("tolerance_rel").asDouble() * Math.abs(value));
    }
  }
}
