package io.dinoflow.workflow.impl;

import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.CancellationScope;
import io.temporal.workflow.Workflow;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Holds a workflow between two pieces of work while it is paused, and cuts the piece that runs.
 *
 * <p>A pause cancels only the running piece's scope: its activity commits and returns, and the
 * worker is free. What was committed is the store's to know, so nothing is lost by forgetting the
 * heartbeat.
 */
final class PauseGate {
  private boolean paused;
  private String reason = "";
  private @Nullable CancellationScope piece;

  boolean paused() {
    return paused;
  }

  String reason() {
    return reason;
  }

  void pause(String why) {
    paused = true;
    reason = why;
    if (piece != null) {
      piece.cancel("pause: " + why);
    }
  }

  void resume() {
    paused = false;
    reason = "";
  }

  /** Returns at once when open; otherwise tells {@code whilePaused}, waits, tells it again. */
  void awaitOpen(Runnable onChange) {
    if (paused) {
      onChange.run();
      Workflow.await(() -> !paused);
      onChange.run();
    }
  }

  /**
   * Runs a piece that a pause may cut.
   *
   * @return empty when the pause cut it before it could say how far it came
   */
  <T> Optional<T> run(Supplier<T> work) {
    Holder<T> result = new Holder<>();
    CancellationScope scope = Workflow.newCancellationScope(() -> result.value = work.get());
    piece = scope;
    try {
      scope.run();
    } catch (TemporalFailure failure) {
      boolean cut =
          scope.isCancelRequested()
              && !Reasons.cancelRequested()
              && (Reasons.isCancellation(failure) || Reasons.isSilence(failure));
      if (!cut) {
        throw failure;
      }
    } finally {
      piece = null;
    }
    return Optional.ofNullable(result.value);
  }

  private static final class Holder<T> {
    private @Nullable T value;
  }
}
