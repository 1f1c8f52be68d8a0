package io.dinoflow.model.train;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Map;

/**
 * Refuses steps whose numbers are not finite, before they touch the state, and keeps running
 * statistics of the loss.
 *
 * <p>The official loop steps the optimizer on a NaN and aborts after three; here the first one
 * stops the segment with the state as it was before the step.
 */
final class HealthGuard {
  private static final double DECAY = 0.99;

  private double lossMean;
  private double lossVariance;
  private long steps;

  /** The statistics that a checkpoint holds. */
  record State(
      @JsonProperty("loss_mean") double lossMean,
      @JsonProperty("loss_variance") double lossVariance,
      @JsonProperty("steps") long steps) {
    @JsonCreator
    State {}
  }

  /**
   * @throws DivergedException a value is not finite
   */
  void check(long step, Map<String, Double> values) {
    values.forEach(
        (name, value) -> {
          if (!Double.isFinite(value)) {
            throw new DivergedException(
                "%s is %s at step %d; the step was not applied. Lower optim.lr or optim.clip_grad, or look at the pictures of that step"
                    .formatted(name, value, step));
          }
        });
  }

  /** Takes the loss of an applied step into the statistics. */
  void record(double totalLoss) {
    double delta = totalLoss - lossMean;
    double share = steps == 0 ? 1 : 1 - DECAY;
    lossMean += share * delta;
    lossVariance = (1 - share) * (lossVariance + share * delta * delta);
    steps++;
  }

  State state() {
    return new State(lossMean, lossVariance, steps);
  }

  void restore(State state) {
    lossMean = state.lossMean();
    lossVariance = state.lossVariance();
    steps = state.steps();
  }
}
