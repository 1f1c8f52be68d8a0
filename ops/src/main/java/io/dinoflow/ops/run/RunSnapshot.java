package io.dinoflow.ops.run;

import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.api.PipelineProgress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a run stands at one moment: its stages as the workflow knows them, and what the activities
 * that run now said last.
 *
 * @param live by stage name; a stage that trains groups of students has several
 */
public record RunSnapshot(PipelineProgress pipeline, Map<String, List<Live>> live) {
  public RunSnapshot {
    live = Map.copyOf(live);
  }

  /**
   * One activity that runs or waits to be tried again.
   *
   * @param progress its last heartbeat; empty before the first
   * @param attempt 1 for the first try
   * @param lastFailure why the attempt before ended; empty in the first
   */
  public record Live(
      String workflowId, Optional<Progress> progress, int attempt, String lastFailure) {}
}
