package io.dinoflow.workflow.api;

import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;

/**
 * What keeps the store tidy and honest while nobody looks; started by schedules. Its result is what
 * was done, in words.
 */
@WorkflowInterface
public interface MaintenanceWorkflow {
  @WorkflowMethod
  String run(MaintenanceRequest request);

  /** What is done. */
  enum Task {
    /** Lets go of what nothing needs. */
    GC,
    /** Reads back what is kept. */
    SCRUB
  }

  /**
   * @param scrubBytesMax read at most by a scrub, besides the newest checkpoint of every track
   */
  record MaintenanceRequest(Task task, long scrubBytesMax) {}
}
