package io.dinoflow.ops.run;

import io.dinoflow.model.artifact.RunId;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.client.WorkflowQueryException;
import io.temporal.client.WorkflowServiceException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * Shows a run until it ends. Servers and workers may go and come back meanwhile: it says so and
 * keeps looking.
 */
public final class RunFollower {
  private static final long POLL_INTERVAL_NANOS = Duration.ofSeconds(1).toNanos();

  private final RunClient client;
  private final RunView view;
  private volatile boolean left;

  public RunFollower(RunClient client, RunView view) {
    this.client = client;
    this.view = view;
  }

  /** Ends {@link #follow} at its next look, from any thread; the run goes on. */
  public void leave() {
    left = true;
  }

  /** Returns how the run ended, or stands when it was left; empty when Temporal knows none. */
  public Optional<WorkflowExecutionStatus> follow(RunId run) {
    // the first answer may take as long as a control worker takes to start
    view.note("asking how run " + run + " stands");
    while (true) {
      try {
        Optional<WorkflowExecutionStatus> status = client.status(run);
        if (status.isEmpty()) {
          return status;
        }
        view.show(client.snapshot(run));
        if (left || status.get() != WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) {
          return status;
        }
      } catch (StatusRuntimeException e) {
        noteIfTransient(e, e);
      } catch (WorkflowQueryException e) {
        // the workflow's first task has not run yet, or no control worker is there to answer
        view.note("waiting for the control worker");
      } catch (WorkflowServiceException e) {
        if (e.getCause() instanceof StatusRuntimeException rpc) {
          noteIfTransient(rpc, e);
        } else {
          throw e;
        }
      }
      if (left) {
        // no server answers, and nobody wants to wait for one
        return Optional.of(WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING);
      }
      LockSupport.parkNanos(POLL_INTERVAL_NANOS);
    }
  }

  private void noteIfTransient(StatusRuntimeException rpc, RuntimeException whole) {
    Status.Code code = rpc.getStatus().getCode();
    switch (code) {
      case UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, CANCELLED ->
          view.note("Temporal does not answer (" + code + "); looking again");
      case FAILED_PRECONDITION -> view.note("waiting for the control worker");
      default -> throw whole;
    }
  }
}
