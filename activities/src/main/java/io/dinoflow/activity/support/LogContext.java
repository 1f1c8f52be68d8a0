package io.dinoflow.activity.support;

import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptor;
import io.temporal.common.interceptors.ActivityInboundCallsInterceptorBase;
import io.temporal.common.interceptors.WorkerInterceptor;
import io.temporal.common.interceptors.WorkerInterceptorBase;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * Whom a log line speaks of. Set here and nowhere else: the run and the stage around every
 * activity, the step by training.
 */
public final class LogContext {
  public static final String RUN = "run";
  public static final String STAGE = "stage";
  public static final String STEP = "step";
  public static final String ACTIVITY = "activity";
  public static final String ATTEMPT = "attempt";

  private static final List<String> KEYS = List.of(RUN, STAGE, STEP, ACTIVITY, ATTEMPT);

  /** Workflows whose ids name no run. */
  private static final Set<String> WITHOUT_RUN = Set.of("MaintenanceWorkflow", "RetrainWorkflow");

  private LogContext() {}

  /** For a process's workers: lines that an activity logs on its thread name what it works for. */
  public static WorkerInterceptor interceptor() {
    return new WorkerInterceptorBase() {
      @Override
      public ActivityInboundCallsInterceptor interceptActivity(
          ActivityInboundCallsInterceptor next) {
        return new Naming(next);
      }
    };
  }

  static void of(String workflowType, String workflowId, String activity, int attempt) {
    if (!WITHOUT_RUN.contains(workflowType)) {
      String[] parts = workflowId.split("/", 3);
      MDC.put(RUN, parts[0]);
      if (parts.length > 1) {
        MDC.put(STAGE, parts[1]);
      }
    }
    MDC.put(ACTIVITY, activity);
    MDC.put(ATTEMPT, Integer.toString(attempt));
  }

  static void step(long step) {
    MDC.put(STEP, Long.toString(step));
  }

  static void clear() {
    KEYS.forEach(MDC::remove);
  }

  /** The task, naming on whatever thread it runs what this thread names now. */
  static Runnable carried(Runnable task) {
    Map<String, String> here = Objects.requireNonNullElse(MDC.getCopyOfContextMap(), Map.of());
    return () -> {
      MDC.setContextMap(here);
      task.run();
    };
  }

  private static final class Naming extends ActivityInboundCallsInterceptorBase {
    private @Nullable ActivityInfo info;

    Naming(ActivityInboundCallsInterceptor next) {
      super(next);
    }

    @Override
    public void init(ActivityExecutionContext context) {
      info = context.getInfo();
      super.init(context);
    }

    @Override
    public ActivityOutput execute(ActivityInput input) {
      ActivityInfo now = Objects.requireNonNull(info, "an activity is initialised before it runs");
      of(
          String.valueOf(now.getWorkflowType()),
          String.valueOf(now.getWorkflowId()),
          now.getActivityType(),
          now.getAttempt());
      try {
        return super.execute(input);
      } finally {
        clear();
      }
    }
  }
}
