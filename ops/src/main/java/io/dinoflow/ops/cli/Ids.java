package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.RunId;

/** Ids as people type them. */
final class Ids {
  private Ids() {}

  static RunId run(String typed) {
    try {
      return new RunId(typed);
    } catch (IllegalArgumentException e) {
      throw CliFailure.usage(
          "\"" + typed + "\" names no run",
          String.valueOf(e.getMessage()),
          "`dinoflow runs` lists the runs");
    }
  }
}
