package io.dinoflow.ops;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.run.EndReason;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainOutcome;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowExecutionDescription;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowNotFoundException;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowTargetOptions;
import io.temporal.client.schedules.ScheduleActionExecutionStartWorkflow;
import io.temporal.client.schedules.ScheduleActionResult;
import java.time.Instant;
import java.util.Optional;

/** What Temporal knows of the firings of a schedule. */
final class Firings {
  private final WorkflowClient workflows;

  Firings(WorkflowClient workflows) {
    this.workflows = workflows;
  }

  Schedules.Firing of(String schedule, ScheduleActionResult result) {
    ScheduleActionExecutionStartWorkflow started =
        (ScheduleActionExecutionStartWorkflow) result.getAction();
    RunId run = WorkflowIds.scheduled(schedule, result.getScheduledAt());
    WorkflowStub retrain =
        workflows.newUntypedWorkflowStub(
            WorkflowTargetOptions.newBuilder()
                .setWorkflowId(started.getWorkflowId())
                .setRunId(started.getFirstExecutionRunId())
                .build());
    Told told = new Told(result, started.getWorkflowId());
    try {
      WorkflowExecutionDescription found = retrain.describe();
      Optional<Instant> closed = Optional.ofNullable(found.getCloseTime());
      if (found.getStatus() == WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
        return told.as("running", Optional.of(run), decision(schedule, run), closed);
      }
      return ended(told, retrain, run, closed);
    } catch (WorkflowNotFoundException e) {
      return told.as("forgotten", Optional.of(run), "its history has expired", Optional.empty());
    }
  }

  private static Schedules.Firing ended(
      Told told, WorkflowStub retrain, RunId run, Optional<Instant> closed) {
    try {
      RetrainOutcome outcome = retrain.getResult(RetrainOutcome.class);
      return told.as(
          outcome.run().isPresent() ? "done" : "no run",
          outcome.run().map(RunId::new),
          outcome.reason(),
          closed);
    } catch (WorkflowFailedException e) {
      return told.as(
          EndReason.isCancellation(e) ? "cancelled" : "failed",
          Optional.of(run),
          EndReason.of(e),
          closed);
    }
  }

  /** What the schedule itself says of the firing. */
  private record Told(ScheduleActionResult result, String workflowId) {
    Schedules.Firing as(
        String state, Optional<RunId> run, String reason, Optional<Instant> closedAt) {
      return new Schedules.Firing(
          result.getScheduledAt(), workflowId, state, run, reason, result.getStartedAt(), closedAt);
    }
  }

  /** While a run goes on, the decision that started it is the summary of its workflow. */
  private String decision(String schedule, RunId run) {
    try {
      String summary =
          workflows.newUntypedWorkflowStub(WorkflowIds.pipeline(run)).describe().getStaticSummary();
      return summary == null ? "" : summary.replaceFirst("^\\Q" + schedule + "\\E: ", "");
    } catch (WorkflowNotFoundException notYet) {
      return "it is being decided";
    }
  }
}
