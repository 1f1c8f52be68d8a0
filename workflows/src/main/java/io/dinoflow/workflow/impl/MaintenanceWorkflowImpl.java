package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.MaintenanceActivities;
import io.dinoflow.workflow.activity.MaintenanceActivities.Collected;
import io.dinoflow.workflow.activity.MaintenanceActivities.ScrubRequest;
import io.dinoflow.workflow.activity.MaintenanceActivities.Scrubbed;
import io.dinoflow.workflow.api.MaintenanceWorkflow;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.Objects;

final class MaintenanceWorkflowImpl implements MaintenanceWorkflow {
  private static final Duration ROUND_MAX = Duration.ofHours(6);

  private final FlowOptions options;

  MaintenanceWorkflowImpl(FlowOptions options) {
    this.options = options;
  }

  @Override
  public String run(MaintenanceRequest request) {
    Task task = Objects.requireNonNull(request.task(), "task is missing: GC or SCRUB");
    try {
      String done = task == Task.GC ? collect() : scrub(request.scrubBytesMax());
      Workflow.setCurrentDetails(done);
      return done;
    } catch (TemporalFailure failure) {
      if (Reasons.cancelRequested()) {
        throw failure;
      }
      throw Reasons.asWorkflowFailure("", failure);
    }
  }

  private String collect() {
    Collected c = activities("let go of what nothing needs").collect();
    return "%d checkpoints expired, %d blobs (%d bytes) deleted, %d left for the next round, %d orphans and %d unfinished uploads removed"
        .formatted(c.expired(), c.blobs(), c.bytes(), c.left(), c.orphans(), c.uploads());
  }

  private String scrub(long bytesMax) {
    Scrubbed s = activities("read back what is kept").scrub(new ScrubRequest(bytesMax));
    return "%d blobs (%d bytes) read back, %d damaged%s"
        .formatted(
            s.blobs(),
            s.bytes(),
            s.damaged().size(),
            s.damaged().isEmpty() ? "" : ": " + String.join("; ", s.damaged()));
  }

  private MaintenanceActivities activities(String summary) {
    return Calls.heavy(MaintenanceActivities.class, TaskQueues.LIGHT, ROUND_MAX, options, summary);
  }
}
