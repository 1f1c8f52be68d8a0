package io.dinoflow.ops.testing;

import static org.awaitility.Awaitility.await;

import io.temporal.client.WorkflowClient;
import io.temporal.client.schedules.ScheduleClient;
import io.temporal.client.schedules.ScheduleHandle;
import java.time.Duration;

/** Schedules that fire when a test says so, and not when the clock happens to. */
public final class QuietSchedules {
  /** An interval that, counted from 1970 as Temporal counts, ends for the first time in 2079. */
  public static final Duration NEVER = Duration.ofDays(40_000);

  private static final Duration LONGEST = Duration.ofMinutes(10);

  private QuietSchedules() {}

  /**
   * Returns once no firing goes on as Temporal sees it, which is a moment after its result is
   * there: until then the next one would overlap with it, and be skipped.
   */
  public static void awaitIdle(WorkflowClient client, String schedule) {
    ScheduleHandle handle =
        ScheduleClient.newInstance(client.getWorkflowServiceStubs()).getHandle(schedule);
    await().atMost(LONGEST).until(() -> handle.describe().getInfo().getRunningActions().isEmpty());
  }
}
