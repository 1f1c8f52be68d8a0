package io.dinoflow.workflow.api;

import io.dinoflow.workflow.activity.StageResult;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Text towers on frozen vision towers, in segments. */
@WorkflowInterface
public interface TextAlignmentWorkflow extends StageWorkflow {
  @WorkflowMethod
  StageResult run(StageRequest request);
}
