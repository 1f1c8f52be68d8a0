package io.dinoflow.model.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every official recipe at every probed step, in both forms of official configurations. */
@GoldenFixture("schedules")
class ScheduleNumericsTest {
  private static final Pattern SCALED = Pattern.compile("(?:last_layer_)?lr_world(\\d+)");

  /** No number but an order of the stage, which the workflows' GramTeachersNumericsTest holds. */
  private static final String GRAM_UPDATES = "gram_update_after";

  private final JsonNode golden = Golden.json("schedules");

  @TestFactory
  List<DynamicTest> recipesGiveTheOfficialNumbersAtEveryProbe() {
    List<DynamicTest> tests = new ArrayList<>();
    golden
        .get("values")
        .properties()
        .forEach(
            e -> {
              JsonNode recipe = e.getValue();
              if (recipe.has("series")) {
                recipe.get("series").properties().stream()
                    .filter(series -> !series.getKey().equals(GRAM_UPDATES))
                    .forEach(
                        series ->
                            tests.add(
                                DynamicTest.dynamicTest(
                                    e.getKey() + " " + series.getKey(),
                                    () ->
                                        compare(
                                            e.getKey() + " " + series.getKey(),
                                            recipe,
                                            series.getKey(),
                                            series.getValue()))));
              }
            });
    assertThat(tests).isNotEmpty();
    return tests;
  }

  private void compare(String what, JsonNode recipe, String series, JsonNode official) {
    JsonNode probes = recipe.get("probes");
    JsonNode config = recipe.get("config");
    assertThat(official).hasSameSizeAs(probes);
    Schedule schedule =
        config.has("schedules") ? sectioned(recipe, series) : withoutSection(config, series);
    long frozen = series.startsWith("last_layer") ? frozen(config) : 0;
    for (int i = 0; i < probes.size(); i++) {
      long step = probes.get(i).asLong();
      near(what + " at " + step, step < frozen ? 0 : schedule.at(step), official.get(i).asDouble());
    }
  }

  private void near(String what, double ours, double official) {
    double tolerance =
        golden.get("tolerance_abs").asDouble()
            + golden.get("tolerance_rel").asDouble() * Math.abs(official);
    Golden.compare("schedules", what, ours, official, tolerance);
  }

  private static long frozen(JsonNode config) {
    return config.has("schedules")
        ? config.get("schedules").get("lr").get("freeze_last_layer_epochs").asLong()
            * config.get("epoch_length").asLong()
        : config.get("optim").get("freeze_last_layer_epochs").asLong()
            * config.get("epoch_length").asLong();
  }

  /** A configuration with a {@code schedules} section. */
  private static Schedule sectioned(JsonNode recipe, String series) {
    JsonNode config = recipe.get("config");
    JsonNode schedules = config.get("schedules");
    Matcher scaled = SCALED.matcher(series);
    if (scaled.matches()) {
      assertThat(config.get("optim").get("scaling_rule").asText()).isEqualTo("sqrt_wrt_1024");
      double batch =
          config.get("batch_size_per_gpu").asDouble() * Double.parseDouble(scaled.group(1));
      return section(recipe, schedules.get("lr"), 4 * Math.sqrt(batch / 1024));
    }
    return switch (series) {
      case "dino_local_loss_weight" ->
          config.get("dino_local").get("reweight").asBoolean()
              ? section(recipe, config.get("dino_local").get("schedule"), 1)
              : Schedule.constant(1);
      case "gram_loss_weight" -> section(recipe, config.get("gram").get("loss_weight_schedule"), 1);
      default -> section(recipe, schedules.get(series), 1);
    };
  }

  /**
   * @param factor of peak and end; the start is not scaled
   */
  private static Schedule section(JsonNode recipe, JsonNode s, double factor) {
    long epoch = recipe.get("config").get("epoch_length").asLong();
    return schedule(
        s,
        factor,
        s.get("warmup_epochs").asLong() * epoch,
        s.has("cosine_epochs")
            ? Optional.of(s.get("cosine_epochs").asLong() * epoch)
            : Optional.empty(),
        recipe.get("total_iterations").asLong());
  }

  /** Without a stated length the cosine fills the rest of the run. */
  private static Schedule schedule(
      JsonNode s, double factor, long warmup, Optional<Long> cosine, long total) {
    return new Schedule(
        s.get("start").asDouble(),
        factor * s.get("peak").asDouble(),
        factor * s.get("end").asDouble(),
        warmup,
        cosine.orElse(total - warmup));
  }

  /** A configuration without a {@code schedules} section. */
  private static Schedule withoutSection(JsonNode config, String series) {
    JsonNode optim = config.get("optim");
    JsonNode teacher = config.get("teacher");
    long epoch = config.get("epoch_length").asLong();
    long total = optim.get("epochs").asLong() * epoch;
    double extra = optim.get("schedule_trunc_extra").asDouble();
    return switch (series) {
      case "lr", "last_layer_lr" ->
          Schedule.withoutSection(
              0,
              optim.get("lr").asDouble(),
              optim.get("min_lr").asDouble(),
              optim.get("warmup_epochs").asLong() * epoch,
              total,
              extra);
      case "weight_decay" ->
          Schedule.withoutSection(
              0,
              optim.get("weight_decay").asDouble(),
              optim.get("weight_decay_end").asDouble(),
              0,
              total,
              extra);
      case "momentum" ->
          Schedule.withoutSection(
              0,
              teacher.get("momentum_teacher").asDouble(),
              teacher.get("final_momentum_teacher").asDouble(),
              0,
              total,
              extra);
      case "teacher_temp" -> {
        long warmup = teacher.get("warmup_teacher_temp_epochs").asLong() * epoch;
        double temperature = teacher.get("teacher_temp").asDouble();
        yield Schedule.withoutSection(
            teacher.get("warmup_teacher_temp").asDouble(),
            temperature,
            temperature,
            warmup,
            warmup,
            0);
      }
      default -> throw new IllegalStateException("no schedule for " + series);
    };
  }

  @Test
  void arbitrarySchedulesGiveTheOfficialNumbersAtEveryStep() {
    JsonNode cases = golden.get("values").get("linear_warmup_cosine_decay_cases");
    assertThat(cases).isNotEmpty();
    for (int i = 0; i < cases.size(); i++) {
      JsonNode c = cases.get(i);
      JsonNode cosine = c.get("cosine_iterations");
      Schedule schedule =
          schedule(
              c,
              1,
              c.get("warmup_iterations").asLong(),
              cosine.isNull() ? Optional.empty() : Optional.of(cosine.asLong()),
              c.get("total_iterations").asLong());
      JsonNode official = c.get("values");
      assertThat(official).hasSize(c.get("total_iterations").asInt());
      for (int step = 0; step < official.size(); step++) {
        near("case " + i + " at " + step, schedule.at(step), official.get(step).asDouble());
      }
    }
  }

  @Test
  void stretchedCosinesThatAreTooShortAreRefused() {
    assertThatThrownBy(() -> new Schedule(0, 1, 0, 0, 0, 10, 9))
        .hasMessage("cosine_of_steps is 9, must be at least 10");
    assertThatThrownBy(() -> new Schedule(0, 1, 0, 0, 0, 1, 9))
        .hasMessage("cosine_steps is 1, must be at least 2");
  }
}
