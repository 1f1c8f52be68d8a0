package io.dinoflow.workflow.api;

import io.dinoflow.workflow.activity.StageResult;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** Source images to a dataset: ingest, then curate. */
@WorkflowInterface
public interface CurationWorkflow extends StageWorkflow {
  @WorkflowMethod
  StageResult run(StageRequest request);
}
