package io.dinoflow.ops;

import java.util.List;

/** The environment does not name usable services; carries every problem at once. */
public final class ConfigProblemsException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final List<String> problems;

  public ConfigProblemsException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
