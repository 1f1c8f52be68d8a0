package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.Failures;
import io.temporal.failure.ApplicationErrorCategory;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
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

  /**
   * Whether it may be asked now; throws where not, with the reason.
   *
   * @param what would stop: a run or a stage
   */
  void check(@Nullable String why, String what) {
    if (why == null || why.isBlank()) {
      throw new IllegalArgumentException(
          "stopAfterCheckpoint needs a reason, such as \"good enough\"");
    }
    if (asked()) {
      throw new IllegalStateException("the %s stops already: %s".formatted(what, reason));
    }
  }

  void ask(String why) {
    reason = why;
    if (work != null) {
      work.cancel("stop: " + why);
    }
  }

  /** Runs the work; a stop ends it with a cancellation, also one that was asked before. */
  <T> T run(Supplier<T> all) {
    Made<T> made = new Made<>();
    CancellationScope scope = Workflow.newCancellationScope(() -> made.value = all.get());
    work = scope;
    if (asked()) {
      scope.cancel("stop: " + reason);
    }
    scope.run();
    return made.value();
  }

  /** Whether the work ended so because a stop was asked. */
  boolean ended(TemporalFailure failure) {
    return asked() && Reasons.isCancellation(failure);
  }

  /** What the workflow ends with. */
  static ApplicationFailure failure(String text) {
    return ApplicationFailure.newBuilder()
        .setType(Failures.STOPPED)
        .setMessage(text)
        .setNonRetryable(true)
        .setCategory(ApplicationErrorCategory.BENIGN)
        .build();
  }

  /** What a child said that was stopped by itself. */
  static Optional<String> told(TemporalFailure failure) {
    return Reasons.application(failure)
        .filter(known -> known.getType().equals(Failures.STOPPED))
        .map(ApplicationFailure::getOriginalMessage);
  }

  private static final class Made<T> {
    private @Nullable T value;

    T value() {
      return Objects.requireNonNull(value);
    }
  }
}
