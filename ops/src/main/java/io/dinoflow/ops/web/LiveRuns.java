package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.run.RunSnapshot;
import java.util.Optional;

/**
 * What runs say of themselves right now: progress between two commits. A hint; the stores have the
 * facts. Answers within half a second and never throws; empty where nobody answers.
 */
@FunctionalInterface
public interface LiveRuns {
  Optional<RunSnapshot> snapshot(RunId run);
}
