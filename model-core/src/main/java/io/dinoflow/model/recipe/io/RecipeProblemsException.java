package io.dinoflow.model.recipe.io;

import java.util.List;
import java.util.stream.Collectors;

/** A recipe that cannot be run, with everything that is wrong in it. */
public final class RecipeProblemsException extends RuntimeException {
  private final transient List<Problem> problems;

  public RecipeProblemsException(List<Problem> problems) {
    super(problems.stream().map(p -> "- " + p).collect(Collectors.joining("\n")));
    this.problems = List.copyOf(problems);
  }

  public List<Problem> problems() {
    return problems;
  }
}
