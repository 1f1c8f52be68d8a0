package io.dinoflow.ops;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.storage.registry.Firing;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Every time that a schedule was due, with what became of it: from what Temporal tells of its last
 * firings, what retraining recorded, and when it should have fired. Temporal itself only counts the
 * firings that it left out.
 */
public final class FiringAccount {
  /** Temporal starts what is due within a second or two; more has a reason. */
  private static final Duration PROMPT = Duration.ofSeconds(10);

  private final List<Schedules.Firing> told;
  private final Map<String, Firing> recorded = new HashMap<>();
  private final Instant now;

  private FiringAccount(List<Schedules.Firing> told, List<Firing> recorded, Instant now) {
    this.told = told;
    recorded.forEach(firing -> this.recorded.put(firing.workflow(), firing));
    this.now = now;
  }

  /**
   * @param told what Temporal knows of the last firings
   * @param recorded what retraining recorded; may go further back
   * @param due when it should have fired, since the oldest of {@code told}
   * @return newest first
   */
  public static List<Schedules.Firing> of(
      List<Schedules.Firing> told, List<Firing> recorded, List<Instant> due, Instant now) {
    return new FiringAccount(told, recorded, now).rows(recorded, due);
  }

  private List<Schedules.Firing> rows(List<Firing> log, List<Instant> due) {
    List<Schedules.Firing> rows = new ArrayList<>();
    Set<Instant> seen = new HashSet<>();
    Set<String> workflows = new HashSet<>();
    for (Schedules.Firing firing : told) {
      rows.add(explained(firing));
      seen.add(second(firing.scheduledAt()));
      workflows.add(firing.workflowId());
    }
    for (Firing firing : log) {
      if (workflows.add(firing.workflow())) {
        rows.add(older(firing));
        seen.add(second(firing.firedAt()));
      }
    }
    for (Instant time : due) {
      if (time.isBefore(now.minus(PROMPT)) && seen.add(second(time))) {
        rows.add(leftOut(time));
      }
    }
    rows.sort(Comparator.comparing(Schedules.Firing::scheduledAt).reversed());
    return rows;
  }

  private static Instant second(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS);
  }

  private Schedules.Firing explained(Schedules.Firing firing) {
    Optional<Firing> record = Optional.ofNullable(recorded.get(firing.workflowId()));
    // where it ended without a word of its own (terminated, say), Temporal knows better
    boolean overtaken =
        firing.closedAt().isPresent() && record.filter(r -> !isEnd(r.outcome())).isPresent();
    Optional<Firing> decision = record.filter(r -> !overtaken);
    String late = late(firing, record);
    return new Schedules.Firing(
        firing.scheduledAt(),
        firing.workflowId(),
        decision.map(r -> r.outcome().word()).orElse(firing.state()),
        decision
            .map(r -> Optional.of(r.run()).filter(run -> r.outcome() != Firing.Outcome.SKIPPED))
            .orElse(firing.run()),
        late + decision.map(Firing::reason).orElse(firing.reason()),
        firing.startedAt(),
        firing.closedAt());
  }

  private static boolean isEnd(Firing.Outcome outcome) {
    return switch (outcome) {
      case SKIPPED, PROMOTED, REFUSED, REJECTED, FAILED, CANCELLED -> true;
      case DECIDING, TRAINING, ASKED -> false;
    };
  }

  private String late(Schedules.Firing firing, Optional<Firing> record) {
    Duration late = Duration.between(firing.scheduledAt(), firing.startedAt());
    if (late.compareTo(PROMPT) > 0) {
      return goingOnAt(firing.scheduledAt(), firing.workflowId())
          .map(before -> "waited %s for the firing before it; ".formatted(span(late)))
          .orElseGet(
              () -> "made up %s late, after an outage or by a backfill; ".formatted(span(late)));
    }
    Duration waited =
        Duration.between(
            firing.startedAt(),
            record
                .flatMap(Firing::begunAt)
                .orElseGet(() -> firing.state().equals("running") ? now : firing.startedAt()));
    return waited.compareTo(PROMPT) > 0 ? "waited %s for a worker; ".formatted(span(waited)) : "";
  }

  private static String span(Duration duration) {
    long seconds = duration.toSeconds();
    if (seconds < 120) {
      return seconds + " s";
    }
    long minutes = seconds / 60;
    return minutes < 120 ? minutes + " min" : minutes / 60 + " h";
  }

  private static Schedules.Firing older(Firing firing) {
    return new Schedules.Firing(
        firing.firedAt(),
        firing.workflow(),
        firing.outcome().word(),
        Optional.of(firing.run()).filter(run -> firing.outcome() != Firing.Outcome.SKIPPED),
        firing.reason(),
        firing.begunAt().orElse(firing.firedAt()),
        Optional.empty());
  }

  private Schedules.Firing leftOut(Instant time) {
    // one that is made up after an outage starts late, and what was due meanwhile comes upon it
    // then
    Optional<Schedules.Firing> before = newest(dueBeforeAndNotEndedAt(time));
    return new Schedules.Firing(
        time,
        "",
        before.isPresent() ? "overlap" : "missed",
        Optional.<RunId>empty(),
        before
            .map(
                firing ->
                    "skipped, because the firing of %s still went on"
                        .formatted(second(firing.scheduledAt())))
            .orElse(
                "not fired: the schedule was paused or did not exist, or Temporal was down for longer than the catch-up window"),
        time,
        Optional.of(time));
  }

  /** Another firing that had begun and not ended then. */
  private Optional<Schedules.Firing> goingOnAt(Instant time, String otherThan) {
    return newest(
        dueBeforeAndNotEndedAt(time)
            .filter(firing -> !firing.workflowId().equals(otherThan))
            .filter(firing -> firing.startedAt().isBefore(time.plus(PROMPT))));
  }

  private Stream<Schedules.Firing> dueBeforeAndNotEndedAt(Instant time) {
    return told.stream()
        .filter(firing -> firing.scheduledAt().isBefore(time))
        .filter(firing -> firing.closedAt().filter(end -> !end.isAfter(time)).isEmpty());
  }

  private static Optional<Schedules.Firing> newest(Stream<Schedules.Firing> firings) {
    return firings.max(Comparator.comparing(Schedules.Firing::scheduledAt));
  }
}
