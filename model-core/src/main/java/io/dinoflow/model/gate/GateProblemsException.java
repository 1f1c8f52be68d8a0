package io.dinoflow.model.gate;

import java.util.List;

/** A gate cannot be read; every problem at once. */
public final class GateProblemsException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final transient List<String> problems;

  GateProblemsException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  public List<String> problems() {
    return problems;
  }
}
