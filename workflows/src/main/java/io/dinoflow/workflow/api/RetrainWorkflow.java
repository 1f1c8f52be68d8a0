package io.dinoflow.workflow.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.Optional;

/**
 * What a schedule starts: decides from what changed since the last run whether to start one,
 * records the decision with its reason, and runs a PipelineWorkflow {@code schedule-<firing time>}.
 */
@WorkflowInterface
public interface RetrainWorkflow {
  @WorkflowMethod
  RetrainOutcome run(RetrainRequest request);

  /**
   * @param schedule name of the schedule
   * @param pipeline the request of the run, as PipelineWorkflow takes it
   * @param always start a run even when nothing changed
   */
  record RetrainRequest(String schedule, JsonNode pipeline, boolean always) {}

  /**
   * @param run the run that was started; empty when none was
   * @param reason why, in words
   */
  record RetrainOutcome(Optional<String> run, String reason) {}
}
