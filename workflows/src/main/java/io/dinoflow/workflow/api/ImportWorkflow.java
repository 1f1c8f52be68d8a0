package io.dinoflow.workflow.api;

import io.dinoflow.workflow.activity.StageResult;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Finds the checkpoint of an imported model; no bytes move. */
@WorkflowInterface
public interface ImportWorkflow extends StageWorkflow {
  @WorkflowMethod
  StageResult run(StageRequest request);
}
