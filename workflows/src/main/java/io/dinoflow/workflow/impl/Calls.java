package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.RunActivities;
import io.temporal.activity.ActivityCancellationType;
import io.temporal.activity.ActivityOptions;
import io.temporal.common.RetryOptions;
import io.temporal.workflow.Workflow;
import java.time.Duration;

/**
 * Activity stubs with the deadline and retry policy of their kind.
 *
 * <p>Attempts are never counted: an outage uses them up without running anything. Failures are
 * classified instead, and a hang is found by the missing heartbeat, not by a deadline.
 */
final class Calls {
  private static final Duration SHORT_CALL = Duration.ofSeconds(30);
  private static final Duration OUTAGE_MAX = Duration.ofHours(24);
  private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);

  private Calls() {}

  static RunActivities book(String summary) {
    return light(RunActivities.class, summary);
  }

  /** A short activity that only speaks to the stores. */
  static <T> T light(Class<T> activities, String summary) {
    return Workflow.newActivityStub(
        activities,
        ActivityOptions.newBuilder()
            .setTaskQueue(TaskQueues.LIGHT)
            .setStartToCloseTimeout(SHORT_CALL)
            .setScheduleToCloseTimeout(OUTAGE_MAX)
            .setRetryOptions(retry(Duration.ofSeconds(1), Duration.ofSeconds(30)))
            .setSummary(summary)
            .build());
  }

  /** A long activity that heartbeats, commits when cancelled, and says so. */
  static <T> T heavy(
      Class<T> activities, String queue, Duration startToClose, FlowOptions options, String text) {
    return Workflow.newActivityStub(
        activities,
        ActivityOptions.newBuilder()
            .setTaskQueue(queue)
            .setStartToCloseTimeout(startToClose)
            .setHeartbeatTimeout(options.heartbeatTimeout())
            .setCancellationType(ActivityCancellationType.WAIT_CANCELLATION_COMPLETED)
            .setRetryOptions(retry(FIRST_PAUSE, options.retryIntervalMax()))
            .setSummary(text)
            .build());
  }

  private static RetryOptions retry(Duration first, Duration longest) {
    return RetryOptions.newBuilder()
        .setInitialInterval(first)
        .setBackoffCoefficient(2)
        .setMaximumInterval(longest)
        .setDoNotRetry(Failures.NOT_RETRIED.toArray(String[]::new))
        .build();
  }
}
