package io.dinoflow.workflow.api;

import io.dinoflow.workflow.activity.StageResult;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Measures checkpoints and commits the report. */
@WorkflowInterface
public interface EvaluationWorkflow extends StageWorkflow {
  @WorkflowMethod
  StageResult run(StageRequest request);
}
