package io.dinoflow.ops.report;

import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** How long a run really ran, from the changes of state among its events. */
final class RunClock {
  private RunClock() {}

  /**
   * @param events of the run, in order
   * @param until the moment a run that still runs is looked at
   */
  static Duration active(List<Event> events, Instant until) {
    Duration active = Duration.ZERO;
    Optional<Instant> since = Optional.empty();
    for (Event event : events) {
      if (!event.stage().isEmpty()) {
        continue;
      }
      boolean runs = event.kind().equals("opened") || event.kind().equals("running");
      if (runs && since.isEmpty()) {
        since = Optional.of(event.at());
      } else if (!runs && since.isPresent() && isState(event.kind())) {
        active = active.plus(Duration.between(since.get(), event.at()));
        since = Optional.empty();
      }
    }
    return since.isPresent() && until.isAfter(since.get())
        ? active.plus(Duration.between(since.get(), until))
        : active;
  }

  private static boolean isState(String kind) {
    return Arrays.stream(RunState.values()).anyMatch(state -> state.word().equals(kind));
  }
}
