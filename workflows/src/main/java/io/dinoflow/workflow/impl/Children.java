package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.api.StageWorkflow;
import io.temporal.api.enums.v1.ParentClosePolicy;
import io.temporal.client.WorkflowExecutionAlreadyStarted;
import io.temporal.failure.ChildWorkflowFailure;
import io.temporal.workflow.Async;
import io.temporal.workflow.ChildWorkflowCancellationType;
import io.temporal.workflow.ChildWorkflowOptions;
import io.temporal.workflow.Functions;
import io.temporal.workflow.Promise;
import io.temporal.workflow.SignalExternalWorkflowException;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;

/**
 * Starts children that end with their parent, and passes pauses on to those that run.
 *
 * <p>A run started again right after its parent was ended may find an old child still closing; the
 * start is then tried again until that one is gone.
 */
final class Children {
  private static final Logger LOG = Workflow.getLogger(Children.class);
  private static final Duration STILL_CLOSING = Duration.ofSeconds(2);
  private static final int STARTS_MAX = 150;

  private final PauseGate gate;
  private final Map<String, StageWorkflow> running = new LinkedHashMap<>();

  Children(PauseGate gate) {
    this.gate = gate;
  }

  static ChildWorkflowOptions options(String workflowId, String summary) {
    return ChildWorkflowOptions.newBuilder()
        .setWorkflowId(workflowId)
        .setTaskQueue(TaskQueues.PIPELINE)
        .setParentClosePolicy(ParentClosePolicy.PARENT_CLOSE_POLICY_REQUEST_CANCEL)
        .setCancellationType(ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED)
        .setStaticSummary(summary)
        .build();
  }

  /** Runs a stage's child to its end. */
  <W extends StageWorkflow, A, R> R run(
      String id, Supplier<W> stub, Function<W, Functions.Func1<A, R>> method, A argument) {
    for (int start = 1; ; start++) {
      W child = stub.get();
      Promise<R> result = Async.function(method.apply(child), argument);
      try {
        Workflow.getWorkflowExecution(child).get();
      } catch (ChildWorkflowFailure failure) {
        boolean oldOneCloses = failure.getCause() instanceof WorkflowExecutionAlreadyStarted;
        if (!oldOneCloses || start == STARTS_MAX) {
          throw failure;
        }
        Workflow.sleep(STILL_CLOSING);
        continue;
      }
      running.put(id, child);
      try {
        if (gate.paused()) {
          child.pause(gate.reason());
        }
        return result.get();
      } finally {
        running.remove(id);
      }
    }
  }

  void pause(String reason) {
    forEach(child -> child.pause(reason));
  }

  void resume() {
    forEach(StageWorkflow::resume);
  }

  private void forEach(java.util.function.Consumer<StageWorkflow> signal) {
    for (StageWorkflow child : java.util.List.copyOf(running.values())) {
      try {
        signal.accept(child);
      } catch (SignalExternalWorkflowException gone) {
        // it ended meanwhile; the gate holds what would come after it
        LOG.info("a child ended before it could be signalled: {}", gone.getMessage());
      }
    }
  }
}
