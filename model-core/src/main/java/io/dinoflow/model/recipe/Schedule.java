package io.dinoflow.model.recipe;

/**
 * A number as a function of the step: linear from start to peak over the warm-up, at peak for
 * {@code holdSteps}, a cosine from peak to end over {@code cosineSteps}, then constant at end.
 * {@code cosineSteps} 0 with {@code peak = end} is the constant schedule of DINOv3.
 *
 * <p>Steps are the track's absolute steps.
 *
 * @param holdSteps steps at peak between warm-up and cosine; 0 in DINOv3's schedules
 * @param cosineOfSteps steps of the half cosine whose first {@code cosineSteps} are taken,
 *     stretched so that they still reach the end; 0 takes the whole half cosine
 */
public record Schedule(
    double start,
    double peak,
    double end,
    long warmupSteps,
    long holdSteps,
    long cosineSteps,
    long cosineOfSteps) {
  public Schedule {
    Check.atLeast("warmup_steps", warmupSteps, 0);
    Check.atLeast("hold_steps", holdSteps, 0);
    Check.atLeast("cosine_steps", cosineSteps, 0);
    if (cosineOfSteps != 0) {
      Check.atLeast("cosine_steps", cosineSteps, 2);
      Check.atLeast("cosine_of_steps", cosineOfSteps, cosineSteps);
    }
    if (cosineSteps == 0 && peak != end) {
      throw new IllegalArgumentException(
          "peak %s and end %s differ, so cosine_steps must be at least 1".formatted(peak, end));
    }
  }

  /** Warm-up and a whole half cosine: the form of a {@code schedules} section. */
  public Schedule(double start, double peak, double end, long warmupSteps, long cosineSteps) {
    this(start, peak, end, warmupSteps, 0, cosineSteps, 0);
  }

  public static Schedule constant(double value) {
    return new Schedule(value, value, value, 0, 0);
  }

  /**
   * The form of official configurations without a {@code schedules} section: the warm-up includes
   * its end point, the cosine begins with the peak again and would reach the end one step after the
   * run.
   *
   * @param totalSteps steps of the run, warm-up included
   * @param truncExtra share by which the cosine is longer than what is taken of it; 0 for none
   */
  public static Schedule withoutSection(
      double start, double peak, double end, long warmupSteps, long totalSteps, double truncExtra) {
    // A warm-up of one step has only its start.
    long hold = warmupSteps > 1 ? 1 : 0;
    long cosine = totalSteps - warmupSteps;
    return truncExtra == 0
        ? new Schedule(start, peak, end, warmupSteps - hold, hold, cosine + 1, 0)
        : new Schedule(
            start, peak, end, warmupSteps - hold, hold, cosine, (long) ((1 + truncExtra) * cosine));
  }

  /** Value at a step: warm-up excludes its end point, the cosine includes both ends. */
  public double at(long step) {
    if (step < warmupSteps) {
      return start + (peak - start) * step / warmupSteps;
    }
    long i = step - warmupSteps - holdSteps;
    if (i < 0) {
      return peak;
    }
    if (i >= cosineSteps) {
      return end;
    }
    return end + (peak - end) * share(i);
  }

  /** What is left of the way to the end at a step of the cosine, from 1 to 0. */
  private double share(long i) {
    long of = cosineOfSteps == 0 ? cosineSteps : cosineOfSteps;
    if (of == 1) {
      return 1;
    }
    double last = height(cosineSteps - 1, of);
    return (height(i, of) - last) / (1 - last);
  }

  private static double height(long i, long of) {
    return 0.5 * (1 + Math.cos(Math.PI * i / (of - 1)));
  }
}
