package io.dinoflow.ops.embedded;

import io.dinoflow.ops.Home;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Stops what a supervisor that was killed left running in a home. */
final class Leftovers {
  private static final Duration END_MAX = Duration.ofMinutes(1);

  private Leftovers() {}

  /** Returns how many processes it stopped; none is left when it returns. */
  static int stop(Home home, Consumer<String> progress) throws IOException, InterruptedException {
    List<ProcessHandle> killed = new ArrayList<>();
    Optional<StackState> state = StackState.read(home.state());
    if (state.isPresent()) {
      for (ProcessId child : state.get().children()) {
        Optional<ProcessHandle> alive =
            child.name().equals(PostgresServer.NAME) ? Optional.empty() : child.alive();
        if (alive.isPresent()) {
          progress.accept("stopping %s, left over (pid %d)".formatted(child.name(), child.pid()));
          alive.get().destroyForcibly();
          killed.add(alive.get());
        }
      }
    }
    if (!Wait.until(() -> killed.stream().noneMatch(ProcessHandle::isAlive), END_MAX)) {
      throw new IOException(
          "processes %s were killed and are still there after %d s: is the disk away? Try again"
              .formatted(
                  killed.stream().filter(ProcessHandle::isAlive).map(ProcessHandle::pid).toList(),
                  END_MAX.toSeconds()));
    }
    int stopped = killed.size();
    if (PostgresServer.stopLeftover(home.postgres())) {
      progress.accept("stopped PostgreSQL, left over");
      stopped++;
    }
    return stopped;
  }
}
