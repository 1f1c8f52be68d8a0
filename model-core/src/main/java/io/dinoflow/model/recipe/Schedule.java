package io.dinoflow.model.recipe;

/**
 * A number as a function of the step: linear from start to peak over the warm-up, half a cosine
 * from peak to end over {@code cosineSteps}, then constant at end. {@code cosineSteps} 0 with
 * {@code peak = end} is the constant schedule of DINOv3.
 *
 * <p>Steps are the track's absolute steps.
 */
public record Schedule(double start, double peak, double end, long warmupSteps, long cosineSteps) {
  public Schedule {
    Check.atLeast("warmup_steps", warmupSteps, 0);
    Check.atLeast("cosine_steps", cosineSteps, 0);
    if (cosineSteps == 0 && peak != end) {
      throw new IllegalArgumentException(
          "peak %s and end %s differ, so cosine_steps must be at least 1".formatted(peak, end));
    }
  }

  public static Schedule constant(double value) {
    return new Schedule(value, value, value, 0, 0);
  }

  /** Value at a step: warm-up excludes its end point, the cosine includes both ends. */
  public double at(long step) {
    if (step < warmupSteps) {
      return start + (peak - start) * step / warmupSteps;
    }
    long i = step - warmupSteps;
    if (i >= cosineSteps) {
      return end;
    }
    double phase = cosineSteps == 1 ? 0 : Math.PI * i / (cosineSteps - 1);
    return end + 0.5 * (peak - end) * (1 + Math.cos(phase));
  }
}
