package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;

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

  static TrackId track(String typed) {
    try {
      return TrackId.parse(typed);
    } catch (IllegalArgumentException e) {
      throw CliFailure.usage(
          "\"" + typed + "\" names no stage of a run",
          String.valueOf(e.getMessage()),
          "give RUN/STAGE or RUN/STAGE/STUDENT; `dinoflow runs` lists the runs");
    }
  }
}
