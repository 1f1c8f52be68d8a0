package io.dinoflow.model.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.dinoflow.model.recipe.HealthRecipe;
import java.util.HashMap;
import java.util.Map;

/**
 * Refuses steps whose numbers are not finite or far from what they were, before they touch the
 * state. Keeps running statistics of each learner's loss and gradient for that.
 *
 * <p>The official loop steps the optimizer on a NaN and aborts after three; here the first one
 * stops the segment with the state as it was before the step.
 */
final class HealthGuard {
  static final String LOSS = "total_loss";
  static final String GRADIENT = "grad_norm.";

  private static final double DECAY = 0.99;
  private static final State NONE = new State(0, 0, 0, 0);

  private final HealthRecipe recipe;
  private final Map<String, State> learners = new HashMap<>();

  HealthGuard(HealthRecipe recipe) {
    this.recipe = recipe;
  }

  /** The statistics of one learner that its checkpoint holds. */
  record State(
      @JsonProperty("loss_mean") double lossMean,
      @JsonProperty("loss_variance") double lossVariance,
      @JsonProperty("gradient_mean") double gradientMean,
      @JsonProperty("steps") long steps) {
    @JsonCreator
    State {}

    State with(double loss, double gradient) {
      double share = steps == 0 ? 1 : 1 - DECAY;
      double delta = loss - lossMean;
      return new State(
          lossMean + share * delta,
          (1 - share) * (lossVariance + share * delta * delta),
          gradientMean + share * (gradient - gradientMean),
          steps + 1);
    }
  }

  /**
   * @throws DivergedException a value is not finite, the loss leaps, or the gradient explodes
   */
  void check(String learner, long step, Map<String, Double> values) {
    values.forEach(
        (name, value) -> {
          if (!Double.isFinite(value)) {
            throw refused(step, "%s is %s".formatted(named(learner, name), value));
          }
        });
    State before = state(learner);
    if (before.steps() < recipe.warmupSteps()) {
      return;
    }
    double loss = loss(values);
    double loudest = before.lossMean() + recipe.lossSpike() * Math.sqrt(before.lossVariance());
    if (recipe.lossSpike() > 0 && loss > loudest) {
      throw refused(
          step,
          "%s is %.4g, the mean of the last steps is %.4g and health.loss_spike allows up to %.4g"
              .formatted(named(learner, LOSS), loss, before.lossMean(), loudest));
    }
    double gradient = gradient(values);
    double steepest = recipe.gradientExplosion() * before.gradientMean();
    if (recipe.gradientExplosion() > 0 && gradient > steepest) {
      throw refused(
          step,
          "%s is %.4g, the mean of the last steps is %.4g and health.gradient_explosion allows up to %.4g"
              .formatted(
                  named(learner, "the gradient norm"), gradient, before.gradientMean(), steepest));
    }
  }

  private static String named(String learner, String what) {
    return learner.isEmpty() ? what : learner + "." + what;
  }

  private static DivergedException refused(long step, String what) {
    return new DivergedException(
        step, "%s at step %d; the step was not applied".formatted(what, step));
  }

  /** Takes an applied step into the statistics. */
  void record(String learner, Map<String, Double> values) {
    learners.put(learner, state(learner).with(loss(values), gradient(values)));
  }

  private static double loss(Map<String, Double> values) {
    return values.getOrDefault(LOSS, Double.NaN);
  }

  /** The norm over all modules, before any of them is clipped. */
  private static double gradient(Map<String, Double> values) {
    double squares =
        values.entrySet().stream()
            .filter(e -> e.getKey().startsWith(GRADIENT))
            .mapToDouble(e -> e.getValue() * e.getValue())
            .sum();
    return Math.sqrt(squares);
  }

  State state(String learner) {
    return learners.getOrDefault(learner, NONE);
  }

  void restore(String learner, State state) {
    learners.put(learner, state);
  }
}
