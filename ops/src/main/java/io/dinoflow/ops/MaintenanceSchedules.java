package io.dinoflow.ops;

import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.api.MaintenanceWorkflow;
import io.dinoflow.workflow.api.MaintenanceWorkflow.MaintenanceRequest;
import io.dinoflow.workflow.api.MaintenanceWorkflow.Task;
import io.grpc.Status;
import io.temporal.api.enums.v1.ScheduleOverlapPolicy;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.schedules.Schedule;
import io.temporal.client.schedules.ScheduleActionStartWorkflow;
import io.temporal.client.schedules.ScheduleAlreadyRunningException;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleClientOptions;
import io.temporal.client.schedules.ScheduleException;
import io.temporal.client.schedules.ScheduleIntervalSpec;
import io.temporal.client.schedules.ScheduleOptions;
import io.temporal.client.schedules.SchedulePolicy;
import io.temporal.client.schedules.ScheduleSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The two schedules that keep a store tidy and honest: {@value #GC} every hour and {@value #SCRUB}
 * every week. They are made where they are missing; one that somebody paused or changed in the Web
 * UI stays as it is.
 */
public final class MaintenanceSchedules {
  public static final String GC = "maintenance-gc";
  public static final String SCRUB = "maintenance-scrub";
  static final Duration GC_EVERY = Duration.ofHours(1);
  static final Duration SCRUB_EVERY = Duration.ofDays(7);
  static final long SCRUB_BYTES_MAX = 10L << 30;
  private static final Duration CATCH_UP = Duration.ofDays(1);

  private final WorkflowClient workflows;
  private final String bucket;

  public MaintenanceSchedules(Services services) {
    this(services.workflows(), services.config().objects().bucket());
  }

  MaintenanceSchedules(WorkflowClient workflows, String bucket) {
    this.workflows = workflows;
    this.bucket = bucket;
  }

  /** Whether a schedule is one of these: people's own lists leave them out. */
  static boolean isOne(String scheduleId) {
    return Set.of(GC, SCRUB).contains(scheduleId);
  }

  /** Makes what is missing; says what was done. */
  public String ensure() {
    ScheduleClient schedules =
        ScheduleClient.newInstance(
            workflows.getWorkflowServiceStubs(),
            ScheduleClientOptions.newBuilder()
                .setNamespace(workflows.getOptions().getNamespace())
                .setDataConverter(workflows.getOptions().getDataConverter())
                .build());
    try {
      boolean gc = make(schedules, GC, WorkflowIds.collection(bucket), Task.GC, GC_EVERY);
      boolean scrub = make(schedules, SCRUB, WorkflowIds.scrub(bucket), Task.SCRUB, SCRUB_EVERY);
      return gc || scrub ? "schedules of maintenance made" : "schedules of maintenance are there";
    } catch (ScheduleException e) {
      if (Schedules.status(e).map(Status::getCode).equals(Optional.of(Status.Code.UNIMPLEMENTED))) {
        return "no schedules here, so nothing is collected by itself: `dinoflow gc` does it";
      }
      throw e;
    }
  }

  private boolean make(
      ScheduleClient schedules, String id, String workflowId, Task task, Duration every) {
    try {
      schedules.createSchedule(
          id, schedule(workflowId, task, every), ScheduleOptions.newBuilder().build());
      return true;
    } catch (ScheduleAlreadyRunningException there) {
      return false;
    }
  }

  private static Schedule schedule(String workflowId, Task task, Duration every) {
    return Schedule.newBuilder()
        .setAction(
            ScheduleActionStartWorkflow.newBuilder()
                .setWorkflowType(MaintenanceWorkflow.class)
                .setOptions(
                    WorkflowOptions.newBuilder()
                        .setWorkflowId(workflowId)
                        .setTaskQueue(TaskQueues.PIPELINE)
                        .build())
                .setArguments(new MaintenanceRequest(task, SCRUB_BYTES_MAX))
                .build())
        .setSpec(
            ScheduleSpec.newBuilder()
                .setIntervals(List.of(new ScheduleIntervalSpec(every)))
                .build())
        .setPolicy(
            SchedulePolicy.newBuilder()
                .setOverlap(ScheduleOverlapPolicy.SCHEDULE_OVERLAP_POLICY_SKIP)
                .setCatchupWindow(CATCH_UP)
                .build())
        .build();
  }
}
