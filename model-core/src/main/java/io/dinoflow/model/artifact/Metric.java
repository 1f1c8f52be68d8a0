package io.dinoflow.model.artifact;

import java.util.Optional;

/**
 * A named number, in the field's terms ({@code knn10.top1}, {@code ibot_loss}).
 *
 * @param standardError of the mean over folds, where it was measured
 */
public record Metric(String name, double value, Optional<Double> standardError) {
  public static Metric of(String name, double value) {
    return new Metric(name, value, Optional.empty());
  }
}
