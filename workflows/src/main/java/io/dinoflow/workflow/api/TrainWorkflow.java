package io.dinoflow.workflow.api;

import io.dinoflow.workflow.activity.StageResult;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * Pre-training, Gram anchoring or resolution scaling, in segments that end where the Gram teacher
 * changes.
 */
@WorkflowInterface
public interface TrainWorkflow extends StageWorkflow {
  @WorkflowMethod
  StageResult run(StageRequest request);
}
