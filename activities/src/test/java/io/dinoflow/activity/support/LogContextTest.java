package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.activity.ActivityInterface;
import io.temporal.testing.TestActivityEnvironment;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.worker.WorkerFactoryOptions;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

class LogContextTest {

  @ActivityInterface
  public interface Looking {
    void look();
  }

  @AfterEach
  void clear() {
    MDC.clear();
  }

  @Test
  void namesTheRunAndTheStageOfAWorkflow() {
    LogContext.of("TrainWorkflow", "demo-1/pretrain", "TrainSegment", 3);

    assertThat(MDC.getCopyOfContextMap())
        .containsEntry("run", "demo-1")
        .containsEntry("stage", "pretrain")
        .containsEntry("activity", "TrainSegment")
        .containsEntry("attempt", "3");
  }

  @Test
  void takesNoBucketForARun() {
    LogContext.of("MaintenanceWorkflow", "gc/bucket", "Collect", 1);

    assertThat(MDC.get("run")).isNull();
    assertThat(MDC.get("activity")).isEqualTo("Collect");
  }

  @Test
  void goesWithATaskToItsThread() throws InterruptedException {
    Map<String, String> seen = new HashMap<>();
    LogContext.of("PipelineWorkflow", "demo-1", "OpenRun", 1);
    Runnable task = LogContext.carried(() -> seen.putAll(MDC.getCopyOfContextMap()));
    MDC.clear();
    Thread other = new Thread(task);
    other.start();
    other.join();

    assertThat(seen).containsEntry("run", "demo-1");
    assertThat(MDC.get("run")).isNull();
  }

  @Test
  void everyActivityIsNamedWhileItRunsAndNotAfter() {
    Map<String, String> seen = new HashMap<>();
    TestActivityEnvironment environment =
        TestActivityEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkerFactoryOptions(
                    WorkerFactoryOptions.newBuilder()
                        .setWorkerInterceptors(LogContext.interceptor())
                        .build())
                .build());
    try {
      environment.registerActivitiesImplementations(
          (Looking)
              () -> {
                LogContext.step(12);
                seen.putAll(MDC.getCopyOfContextMap());
              });
      environment.newActivityStub(Looking.class).look();
    } finally {
      environment.close();
    }

    assertThat(seen)
        .containsEntry("activity", "Look")
        .containsEntry("step", "12")
        .containsKey("run");
  }
}
