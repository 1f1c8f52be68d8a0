package io.dinoflow.workflow.api;

import io.dinoflow.workflow.activity.SegmentResult;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/** One group of students, in segments: {@code run/stage/group}. */
@WorkflowInterface
public interface DistillGroupWorkflow extends StageWorkflow {
  @WorkflowMethod
  SegmentResult run(GroupRequest request);

  /**
   * @param group name of the group in the stage's plan
   */
  record GroupRequest(String group, StageRequest stage) {}
}
