package io.dinoflow.ops.embedded;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A child process that is started again when it ends by itself: after half a second, then twice as
 * long each time up to {@link #BACK_OFF_MAX}, from the beginning after it was healthy for long
 * enough. Its output goes to a file of its own. Thread-safe.
 */
final class SupervisedProcess {
  static final Duration BACK_OFF_MIN = Duration.ofMillis(500);
  static final Duration BACK_OFF_MAX = Duration.ofSeconds(30);

  /** What to start; {@code guarded} is for programs that do not watch their standard input. */
  record Program(String name, List<String> command, Map<String, String> environment, Path log) {
    Program {
      command = List.copyOf(command);
      environment = Map.copyOf(environment);
    }
  }

  /** How a child learns that the supervisor is gone. */
  enum Tether {
    STANDARD_INPUT,
    GUARD
  }

  private final Program program;
  private final Tether tether;
  private final Duration healthyAfter;
  private final ScheduledExecutorService timer;
  private final Consumer<String> events;
  private final Runnable changed;
  private volatile @Nullable Process process;
  private @Nullable Process guard;
  private boolean stopping;
  private long backOffMillis = BACK_OFF_MIN.toMillis();

  SupervisedProcess(
      Program program,
      Tether tether,
      Duration healthyAfter,
      ScheduledExecutorService timer,
      Consumer<String> events,
      Runnable changed) {
    this.program = program;
    this.tether = tether;
    this.healthyAfter = healthyAfter;
    this.timer = timer;
    this.events = events;
    this.changed = changed;
  }

  String name() {
    return program.name();
  }

  /** Starts it, and from now on keeps it running. */
  synchronized void start() throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(program.command())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(program.log().toFile()));
    builder.environment().putAll(program.environment());
    Process started = builder.start();
    process = started;
    if (tether == Tether.GUARD) {
      guard = Lifeline.guard(started.pid(), "TERM");
    }
    long startedNanos = System.nanoTime();
    started.onExit().thenAccept(ended -> ended(ended, System.nanoTime() - startedNanos));
    changed.run();
  }

  /** Asks it to end, waits, and forces it when the grace is over. */
  void stop(Duration grace) throws InterruptedException {
    Process running;
    synchronized (this) {
      stopping = true;
      running = process;
    }
    if (running != null) {
      running.destroy();
      if (!running.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        events.accept(
            "%s did not end in %d s: killed".formatted(program.name(), grace.toSeconds()));
        running.destroyForcibly().waitFor();
      }
    }
    synchronized (this) {
      endGuard();
    }
  }

  /** Stops several at once, and returns when all have ended. */
  static void stopTogether(List<SupervisedProcess> processes, Duration grace) {
    CompletableFuture.allOf(
            processes.stream()
                .map(
                    process ->
                        CompletableFuture.runAsync(
                            () -> {
                              try {
                                process.stop(grace);
                              } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                              }
                            },
                            task -> new Thread(task, "stop-child").start()))
                .toArray(CompletableFuture[]::new))
        .join();
  }

  /** The living process, for the state file; takes no lock, because the file's writer holds one. */
  Optional<ProcessId> id() {
    Process running = process;
    return running != null && running.isAlive()
        ? Optional.of(ProcessId.of(program.name(), running.toHandle()))
        : Optional.empty();
  }

  private synchronized void ended(Process which, long livedNanos) {
    endGuard();
    if (stopping || which != process) {
      return;
    }
    if (livedNanos > healthyAfter.toNanos()) {
      backOffMillis = BACK_OFF_MIN.toMillis();
    }
    events.accept(
        "%s ended with %d (see %s): starts again in %.1f s"
            .formatted(program.name(), which.exitValue(), program.log(), backOffMillis / 1_000.0));
    timer.schedule(this::startAgain, backOffMillis, TimeUnit.MILLISECONDS);
    backOffMillis = Math.min(2 * backOffMillis, BACK_OFF_MAX.toMillis());
  }

  private synchronized void startAgain() {
    if (stopping) {
      return;
    }
    try {
      start();
    } catch (IOException e) {
      events.accept(
          "%s cannot be started: %s; next try in %.1f s"
              .formatted(program.name(), e.getMessage(), backOffMillis / 1_000.0));
      timer.schedule(this::startAgain, backOffMillis, TimeUnit.MILLISECONDS);
      backOffMillis = Math.min(2 * backOffMillis, BACK_OFF_MAX.toMillis());
    }
  }

  private void endGuard() {
    if (guard != null) {
      guard.destroyForcibly();
      guard = null;
    }
  }
}
