package io.dinoflow.ops.run;

import io.temporal.client.WorkflowFailedException;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;

/** Why a workflow ended without a result, for people. */
public final class EndReason {
  private EndReason() {}

  /** The innermost words: the outer layers only say that a child failed. */
  public static String of(WorkflowFailedException failure) {
    String words = String.valueOf(failure.getMessage());
    for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof TemporalFailure told && told.getOriginalMessage() != null) {
        words = told.getOriginalMessage();
      }
    }
    return words;
  }

  public static boolean isCancellation(WorkflowFailedException failure) {
    return failure.getCause() instanceof CanceledFailure;
  }
}
