package io.dinoflow.model.recipe.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.recipe.GramTeacherRecipe;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.Schedule;
import io.dinoflow.model.recipe.StageRecipe;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Imported configurations have the rates and weights of the official runs at every probed step. */
@GoldenFixture("schedules")
class OfficialImportNumericsTest {
  private static final Pattern WORLD = Pattern.compile("lr_world(\\d+)");

  @TestFactory
  List<DynamicTest> importedSchedulesAreTheOfficialOnes() {
    JsonNode golden = Golden.json("schedules");
    List<DynamicTest> tests = new ArrayList<>();
    golden
        .get("values")
        .properties()
        .forEach(
            e -> {
              if (e.getValue().has("config")) {
                tests.add(
                    DynamicTest.dynamicTest(
                        e.getKey(), () -> compare(golden, e.getKey(), e.getValue())));
              }
            });
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private static void compare(JsonNode golden, String name, JsonNode run)
      throws JsonProcessingException {
    boolean section = run.get("config").has("schedules");
    for (String series : section ? List.of("lr_world1", "lr_world256") : List.of("lr")) {
      assertThat(run.get("series").has(series)).as(name + " " + series).isTrue();
      Matcher world = WORLD.matcher(series);
      int gpus = world.matches() ? Integer.parseInt(world.group(1)) : 1;
      OptimizerRecipe optim = last(file(run.get("config")), gpus).optim();
      Map<String, Schedule> ours = new LinkedHashMap<>();
      ours.put(series, optim.lr());
      ours.put("weight_decay", optim.weightDecay());
      ours.put("momentum", optim.momentum());
      ours.put("teacher_temp", optim.teacherTemp());
      if (section) {
        StageRecipe.Train train = last(file(run.get("config")), gpus);
        ours.put("dino_local_loss_weight", train.losses().dinoLocalLossWeight());
        gramWeight(train).ifPresent(weight -> ours.put("gram_loss_weight", weight));
      }
      ours.forEach((what, schedule) -> compare(golden, name, run, what, schedule));
    }
  }

  private static Optional<Schedule> gramWeight(StageRecipe.Train train) {
    return train
        .gram()
        .match(
            new GramTeacherRecipe.Cases<>() {
              @Override
              public Optional<Schedule> none() {
                return Optional.empty();
              }

              @Override
              public Optional<Schedule> fromCheckpoint(GramTeacherRecipe.FromCheckpoint from) {
                return Optional.of(from.loss().weight());
              }

              @Override
              public Optional<Schedule> refreshedEvery(GramTeacherRecipe.RefreshedEvery every) {
                return Optional.of(every.loss().weight());
              }
            });
  }

  private static void compare(
      JsonNode golden, String name, JsonNode run, String series, Schedule ours) {
    JsonNode official = run.get("series").get(series);
    assertThat(official).as(name + " " + series).isNotNull();
    for (int i = 0; i < official.size(); i++) {
      long step = run.get("probes").get(i).asLong();
      double value = official.get(i).asDouble();
      Golden.compare(
          "schedules",
          "imported %s %s at %d".formatted(name, series, step),
          ours.at(step),
          value,
          golden.get("tolerance_abs").asDouble()
              + golden.get("tolerance_rel").asDouble() * Math.abs(value));
    }
  }

  private static StageRecipe.Train last(String file, int gpus) {
    PipelineRecipe recipe =
        OfficialImport.of("golden", List.of(new OfficialImport.Source("golden.yaml", file)), gpus)
            .recipe();
    return (StageRecipe.Train) recipe.stages().get(recipe.stages().size() - 1);
  }

  /** The fixture's configuration in the form of an official file. */
  private static String file(JsonNode config) throws JsonProcessingException {
    YAMLMapper yaml = new YAMLMapper();
    ObjectNode file = yaml.createObjectNode();
    for (String part : List.of("schedules", "optim", "teacher", "gram")) {
      if (config.has(part)) {
        file.set(part, config.get(part));
      }
    }
    ObjectNode train = file.putObject("train");
    train.set("OFFICIAL_EPOCH_LENGTH", config.get("epoch_length"));
    if (config.has("batch_size_per_gpu")) {
      train.set("batch_size_per_gpu", config.get("batch_size_per_gpu"));
    } else {
      ((ObjectNode) file.get("optim")).put("scaling_rule", "none");
    }
    if (config.has("dino_local")) {
      ObjectNode dino = file.putObject("dino");
      dino.set("reweight_dino_local_loss", config.at("/dino_local/reweight"));
      dino.set("local_loss_weight_schedule", config.at("/dino_local/schedule"));
    }
    return yaml.writeValueAsString(file);
  }
}
