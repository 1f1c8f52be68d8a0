package io.dinoflow.activity.testing;

import com.uber.m3.tally.NoopScope;
import com.uber.m3.tally.Scope;
import io.temporal.activity.ActivityExecutionContext;
import io.temporal.activity.ActivityInfo;
import io.temporal.activity.ManualActivityCompletionClient;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.ActivityCompletionException;
import io.temporal.client.WorkflowClient;
import io.temporal.common.CancellationToken;
import java.lang.reflect.Proxy;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Temporal's side of one attempt: keeps what is beaten, and answers as it is told to. */
public final class Attempt implements ActivityExecutionContext {
  private final List<Object> beats = new CopyOnWriteArrayList<>();
  private final CountDownLatch heard = new CountDownLatch(1);
  private volatile @Nullable RuntimeException answer;

  /** What was beaten, in order. */
  public List<Object> beats() {
    return List.copyOf(beats);
  }

  /** Every later beat ends with this. */
  public void answer(RuntimeException with) {
    answer = with;
  }

  /** Waits until a beat has met the answer. */
  public void awaitHeard() {
    try {
      if (!heard.await(2, TimeUnit.MINUTES)) {
        throw new IllegalStateException("nobody beats any more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public <V> void heartbeat(V details) throws ActivityCompletionException {
    RuntimeException now = answer;
    if (now != null) {
      heard.countDown();
      throw now;
    }
    beats.add(details);
  }

  /** Only names and the number of the attempt are asked for. */
  @Override
  public ActivityInfo getInfo() {
    return (ActivityInfo)
        Proxy.newProxyInstance(
            Attempt.class.getClassLoader(),
            new Class<?>[] {ActivityInfo.class},
            (proxy, method, arguments) ->
                switch (method.getName()) {
                  case "getActivityId" -> "test";
                  case "getAttempt" -> 1;
                  case "getWorkflowId", "getWorkflowRunId", "getRunId", "getActivityType" -> "test";
                  default -> throw new UnsupportedOperationException(method.getName());
                });
  }

  @Override
  public <V> Optional<V> getHeartbeatDetails(Class<V> type) {
    return Optional.empty();
  }

  @Override
  public <V> Optional<V> getHeartbeatDetails(Class<V> type, Type generic) {
    return Optional.empty();
  }

  @Override
  public <V> Optional<V> getLastHeartbeatDetails(Class<V> type) {
    return Optional.empty();
  }

  @Override
  public <V> Optional<V> getLastHeartbeatDetails(Class<V> type, Type generic) {
    return Optional.empty();
  }

  @Override
  public byte[] getTaskToken() {
    return new byte[0];
  }

  @Override
  public CancellationToken<ActivityCanceledException> getCancellationToken() {
    throw new UnsupportedOperationException("activities hear of cancellation by their beats");
  }

  @Override
  public void doNotCompleteOnReturn() {
    throw new UnsupportedOperationException("activities complete when they return");
  }

  @Override
  public boolean isDoNotCompleteOnReturn() {
    return false;
  }

  @Override
  public boolean isUseLocalManualCompletion() {
    return false;
  }

  @Override
  public ManualActivityCompletionClient useLocalManualCompletion() {
    throw new UnsupportedOperationException("activities complete when they return");
  }

  @Override
  public Scope getMetricsScope() {
    return new NoopScope();
  }

  @Override
  public WorkflowClient getWorkflowClient() {
    throw new UnsupportedOperationException("activities start no workflows");
  }

  @Override
  public Object getInstance() {
    return this;
  }
}
