package io.dinoflow.workflow;

import io.dinoflow.model.artifact.RunId;

/** How workflow ids are made. A run's id is the workflow id of its PipelineWorkflow. */
public final class WorkflowIds {
  private WorkflowIds() {}

  public static String pipeline(RunId run) {
    return run.value();
  }

  /** The child that runs one stage: {@code run/stage}. */
  public static String stage(RunId run, String stage) {
    return run.stageWorkflowId(stage);
  }

  /** The grandchild that trains one group of students: {@code run/stage/group}. */
  public static String group(RunId run, String stage, String group) {
    return stage(run, stage) + "/" + group;
  }

  /** What a schedule's firing calls its run. */
  public static RunId scheduled(String schedule, String firingTime) {
    return new RunId(schedule + "-" + firingTime);
  }
}
