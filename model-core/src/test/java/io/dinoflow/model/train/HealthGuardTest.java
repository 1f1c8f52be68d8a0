package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.recipe.HealthRecipe;
import io.dinoflow.model.recipe.Remedy;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HealthGuardTest {
  private static final long WARMUP = 20;
  private final HealthGuard guard =
      new HealthGuard(new HealthRecipe(6, 10, WARMUP, 3, new Remedy.Ask(), List.of()));

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void refusesWhatIsNotFiniteFromTheFirstStep(double value) {
    assertThatThrownBy(() -> guard.check("vit", 7, values(value, 1)))
        .asInstanceOf(InstanceOfAssertFactories.type(DivergedException.class))
        .satisfies(
            refused -> {
              assertThat(refused.step()).isEqualTo(7);
              assertThat(refused).hasMessageContainingAll("vit.total_loss", "step 7");
            });
    assertThatThrownBy(() -> guard.check("", 0, values(1, value)))
        .isInstanceOf(DivergedException.class);
  }

  @Test
  void refusesALossFarAboveItsRunningMean() {
    train("", WARMUP);
    assertThatCode(() -> guard.check("", WARMUP, values(10.2, 1))).doesNotThrowAnyException();
    assertThatThrownBy(() -> guard.check("", WARMUP, values(12, 1)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("health.loss_spike");
  }

  @Test
  void aLossThatFallsFarIsFine() {
    train("", WARMUP);
    assertThatCode(() -> guard.check("", WARMUP, values(0, 1))).doesNotThrowAnyException();
  }

  @Test
  void refusesAGradientManyTimesItsRunningMean() {
    train("", WARMUP);
    assertThatCode(() -> guard.check("", WARMUP, values(10, 9))).doesNotThrowAnyException();
    assertThatThrownBy(() -> guard.check("", WARMUP, values(10, 11)))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("health.gradient_explosion");
  }

  @Test
  void judgesNothingButFinitenessWhileItWarmsUp() {
    train("", WARMUP - 1);
    assertThatCode(() -> guard.check("", 3, values(1e6, 1e6))).doesNotThrowAnyException();
  }

  @Test
  void zeroTurnsAJudgementOff() {
    HealthGuard lenient =
        new HealthGuard(new HealthRecipe(0, 0, 1, 3, new Remedy.Ask(), List.of()));
    lenient.record("", values(1, 1));
    assertThatCode(() -> lenient.check("", 1, values(1e9, 1e9))).doesNotThrowAnyException();
  }

  @Test
  void everyLearnerHasStatisticsOfItsOwn() {
    train("steady", WARMUP);
    assertThatCode(() -> guard.check("other", 1, values(1e6, 1))).doesNotThrowAnyException();
  }

  @Test
  void goesOnFromWhatACheckpointHolds() {
    train("", WARMUP);
    HealthGuard resumed =
        new HealthGuard(new HealthRecipe(6, 10, WARMUP, 3, new Remedy.Ask(), List.of()));
    resumed.restore("", guard.state(""));
    resumed.record("", values(10.1, 1));
    guard.record("", values(10.1, 1));
    assertThat(resumed.state("")).isEqualTo(guard.state(""));
  }

  /** Losses about 10, gradients about 1. */
  private void train(String learner, long steps) {
    for (long step = 0; step < steps; step++) {
      double wave = step % 2 == 0 ? 0.1 : -0.1;
      guard.record(learner, values(10 + wave, 1 + wave));
    }
  }

  private static Map<String, Double> values(double loss, double gradient) {
    return Map.of("total_loss", loss, "grad_norm.backbone", gradient);
  }
}
