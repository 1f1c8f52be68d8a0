package io.dinoflow.ops.cli;

import io.dinoflow.ops.Schedules;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a schedule did and will do, and why. */
final class ScheduleReasons {
  private static final int NEXT_MAX = 3;

  private ScheduleReasons() {}

  static List<String> lines(Schedules.Story story, Instant now) {
    List<String> lines = new ArrayList<>();
    Schedules.Summary schedule = story.schedule();
    lines.add(
        "schedule %s   recipe %s   %s   %s"
            .formatted(
                schedule.name(),
                schedule.recipe(),
                schedule.when(),
                schedule.paused() ? "paused" : "active"));
    if (schedule.paused()) {
      lines.add("  why: " + (schedule.note().isEmpty() ? "no reason was given" : schedule.note()));
      lines.add("  do:  `dinoflow schedule resume " + schedule.name() + "`");
    } else {
      schedule.next().stream()
          .limit(NEXT_MAX)
          .forEach(
              next ->
                  lines.add("next  %s (%s)".formatted(exact(next), Quantities.ahead(next, now))));
    }
    lines.add("fired %s times".formatted(Quantities.count(story.fired())));
    if (story.skipped() > 0) {
      lines.add(
          "%s more were skipped, because the run before still went on"
              .formatted(Quantities.count(story.skipped())));
    }
    if (story.missed() > 0) {
      lines.add(
          "%s more were missed, because Temporal was down for longer than the catch-up window"
              .formatted(Quantities.count(story.missed())));
    }
    Table table = new Table().left("FIRED").left("STATE").left("RUN").left("DECISION");
    for (Schedules.Firing firing : story.firings()) {
      table.row(
          exact(firing.scheduledAt()),
          firing.state(),
          firing.run().map(run -> run.value()).orElse("-"),
          firing.reason());
    }
    if (!table.isEmpty()) {
      lines.add("");
      lines.addAll(table.lines());
    }
    return lines;
  }

  static Map<String, Object> json(Schedules.Story story) {
    Map<String, Object> facts = new LinkedHashMap<>(ScheduleCommands.json(story.schedule()));
    facts.put("fired", story.fired());
    facts.put("skippedForOverlap", story.skipped());
    facts.put("missedCatchUp", story.missed());
    List<Map<String, Object>> firings = new ArrayList<>();
    for (Schedules.Firing firing : story.firings()) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("firedAt", firing.scheduledAt());
      row.put("state", firing.state());
      row.put("run", firing.run().map(run -> run.value()));
      row.put("reason", firing.reason());
      row.put("workflowId", firing.workflowId());
      row.put("startedAt", firing.startedAt());
      row.put("closedAt", firing.closedAt());
      firings.add(row);
    }
    facts.put("firings", firings);
    return facts;
  }

  private static String exact(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
