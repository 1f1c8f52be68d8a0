package io.dinoflow.ops.embedded;

import java.time.Instant;
import java.util.Optional;

/**
 * A process that is told apart from a later one with the same number: pid and start time. What is
 * stopped by this id is surely ours.
 */
public record ProcessId(String name, long pid, long startedAtMillis) {

  static ProcessId of(String name, ProcessHandle handle) {
    return new ProcessId(
        name, handle.pid(), handle.info().startInstant().map(Instant::toEpochMilli).orElse(0L));
  }

  /** The living process, or nothing when it ended or the number now belongs to another. */
  public Optional<ProcessHandle> alive() {
    return ProcessHandle.of(pid)
        .filter(ProcessHandle::isAlive)
        .filter(
            handle ->
                handle
                    .info()
                    .startInstant()
                    .map(start -> start.toEpochMilli() == startedAtMillis)
                    .orElse(false));
  }
}
