package io.dinoflow.model.eval;

import io.dinoflow.model.artifact.Metric;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A number a fold, and their mean with its standard error. */
record FoldScores(List<Double> perFold) {
  FoldScores {
    perFold = List.copyOf(perFold);
  }

  /** The mean over folds; its standard error is their deviation over the root of their count. */
  Metric metric(String name) {
    double mean = perFold.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
    if (perFold.size() < 2) {
      return Metric.of(name, mean);
    }
    double squares = perFold.stream().mapToDouble(v -> (v - mean) * (v - mean)).sum();
    double n = perFold.size();
    return new Metric(name, mean, Optional.of(Math.sqrt(squares / (n - 1) / n)));
  }

  /** Paired differences: this minus the other, fold by fold. */
  FoldScores minus(FoldScores other) {
    if (other.perFold.size() != perFold.size()) {
      throw new IllegalArgumentException(
          "%d folds against %d: only equal folds are paired"
              .formatted(perFold.size(), other.perFold.size()));
    }
    List<Double> differences = new ArrayList<>();
    for (int i = 0; i < perFold.size(); i++) {
      differences.add(perFold.get(i) - other.perFold.get(i));
    }
    return new FoldScores(differences);
  }
}
