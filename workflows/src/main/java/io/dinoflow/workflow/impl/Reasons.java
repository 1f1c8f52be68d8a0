package io.dinoflow.workflow.impl;

import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.failure.TerminatedFailure;
import io.temporal.failure.TimeoutFailure;
import io.temporal.workflow.CancellationScope;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a chain of failures says to a person, and whether it is a cancellation. */
final class Reasons {
  private Reasons() {}

  /** Whether the workflow itself was asked to stop. */
  static boolean cancelRequested() {
    return CancellationScope.current().isCancelRequested();
  }

  static boolean isCancellation(Throwable failure) {
    return first(failure, CanceledFailure.class) != null;
  }

  /** A worker that was told to stop may also just fall silent. */
  static boolean isSilence(Throwable failure) {
    return first(failure, TimeoutFailure.class) != null;
  }

  /** The message of the application's own failure, without the layers around it. */
  static String text(Throwable failure) {
    ApplicationFailure application = first(failure, ApplicationFailure.class);
    if (application != null) {
      return application.getOriginalMessage();
    }
    if (first(failure, TerminatedFailure.class) != null) {
      return "it was terminated from outside";
    }
    TimeoutFailure timeout = first(failure, TimeoutFailure.class);
    if (timeout != null) {
      return "no answer in time (%s)".formatted(timeout.getTimeoutType());
    }
    return String.valueOf(failure.getMessage());
  }

  /** The application's own failure, without the layers around it. */
  static Optional<ApplicationFailure> application(Throwable failure) {
    return Optional.ofNullable(first(failure, ApplicationFailure.class));
  }

  /** The same failure as a workflow should end with it: its own type and a readable message. */
  static ApplicationFailure asWorkflowFailure(String prefix, TemporalFailure failure) {
    ApplicationFailure application = first(failure, ApplicationFailure.class);
    String type = application == null ? "StageFailed" : application.getType();
    return ApplicationFailure.newNonRetryableFailureWithCause(
        prefix + text(failure), type, failure);
  }

  private static <T extends Throwable> @Nullable T first(Throwable failure, Class<T> type) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (type.isInstance(t)) {
        return type.cast(t);
      }
    }
    return null;
  }
}
