package io.dinoflow.workflow.impl;

import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import org.jspecify.annotations.Nullable;

/**
 * Ends a workflow's work from within: what runs is cancelled, so it commits and returns, and
 * nothing follows it.
 */
final class StopGate {
  private String reason = "";
  private @Nullable CancellationScope work;

  boolean asked() {
    return !reason.isEmpty();
  }

  String reason() {
    return reason;
  }

  void ask(String why) {
    reason = why;
    if (work != null) {
      work.cancel("stop: " + why);
    }
  }

  /** Runs the work; a stop ends it with a cancellation. */
  void run(Runnable all) {
    CancellationScope scope = Workflow.newCancellationScope(all);
    work = scope;
    scope.run();
  }
}
