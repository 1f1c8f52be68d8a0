package io.dinoflow.workflow.api;

import io.dinoflow.workflow.activity.StageResult;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Students from a frozen teacher; each group is a child workflow of its own. */
@WorkflowInterface
public interface DistillationWorkflow extends StageWorkflow {
  @WorkflowMethod
  StageResult run(StageRequest request);
}
