package io.dinoflow.model.recipe;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which steps are refused, and what is done about it. A value that is not finite is always refused.
 *
 * <p>A refused step is never applied: training goes back to the last checkpoint and follows {@code
 * onDivergence}. What that changes is a recorded revision of the recipe, so the order of batches
 * stays a function of recipe, seed and step.
 *
 * @param lossSpike standard deviations by which a loss may rise above its running mean; 0 turns it
 *     off
 * @param gradientExplosion how many times its running mean a gradient's norm may be; 0 turns it off
 * @param warmupSteps steps of a stage before those two are judged
 * @param maxRetries retries a stage, before the run fails
 * @param skipped batches left out of the order, in ascending order
 */
public record HealthRecipe(
    double lossSpike,
    double gradientExplosion,
    long warmupSteps,
    int maxRetries,
    Remedy onDivergence,
    List<Range> skipped) {

  /** Batches from {@code from} up to, and without, {@code to}. */
  public record Range(long from, long to) {
    public Range {
      Check.atLeast("skipped.from", from, 0);
      Check.atLeast("skipped.to", to, from + 1);
    }
  }

  public HealthRecipe {
    Check.atLeast("health.loss_spike", lossSpike, 0);
    Check.atLeast("health.gradient_explosion", gradientExplosion, 0);
    Check.atLeast("health.warmup_steps", warmupSteps, 1);
    Check.within("health.max_retries", maxRetries, 0, 100);
    skipped = List.copyOf(skipped);
    for (int i = 1; i < skipped.size(); i++) {
      if (skipped.get(i).from() < skipped.get(i - 1).to()) {
        throw new IllegalArgumentException(
            "health.skipped is %s, must ascend without overlap".formatted(skipped));
      }
    }
  }

  /** The batch that a step trains on: its own number, moved past all that is left out. */
  public long batchOf(long step) {
    long batch = step;
    for (Range range : skipped) {
      if (batch >= range.from()) {
        batch += range.to() - range.from();
      }
    }
    return batch;
  }

  /** What is left out when the batch of a step and those after it are skipped as well. */
  public List<Range> skippedFrom(long step, long count) {
    List<Range> all = new ArrayList<>(skipped);
    all.add(new Range(batchOf(step), batchOf(step) + count));
    all.sort(Comparator.comparingLong(Range::from));
    List<Range> merged = new ArrayList<>();
    for (Range range : all) {
      int last = merged.size() - 1;
      if (last >= 0 && range.from() <= merged.get(last).to()) {
        Range before = merged.get(last);
        merged.set(last, new Range(before.from(), Math.max(before.to(), range.to())));
      } else {
        merged.add(range);
      }
    }
    return merged;
  }
}
