package io.dinoflow.model.recipe.io;

import java.util.Optional;

/**
 * One thing that is wrong in a recipe.
 *
 * @param path where, such as {@code stages[1].optim.clip_grad}
 * @param nearest the valid name that was perhaps meant
 */
public record Problem(String path, String message, Optional<String> nearest) {
  static Problem of(String path, String message) {
    return new Problem(path, message, Optional.empty());
  }

  @Override
  public String toString() {
    return (path.isEmpty() ? "recipe" : path)
        + ": "
        + message
        + nearest.map(n -> "; did you mean \"" + n + "\"?").orElse("");
  }
}
