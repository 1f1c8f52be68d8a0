package io.dinoflow.ops.web;

import com.fasterxml.jackson.annotation.JsonValue;
import io.dinoflow.ops.FiringAccount;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.registry.Firing;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What will run, and why it did or did not: Temporal knows when a schedule fires, the database what
 * was decided. Where Temporal does not tell, the pages show the rest and say so. The JSON twins are
 * these records.
 */
public final class SchedulePages {
  private static final int ROWS_MAX = 200;
  private static final int FIRINGS_MAX = 30;
  private static final int NEXT_MAX = 5;

  /** Whatever people call a schedule in the Web UI; a control character is in no name. */
  private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}]{1,200}");

  private SchedulePages() {}

  /**
   * @param notice why something is missing, as a sentence; empty where nothing is
   */
  public record All(Instant now, String notice, List<Line> schedules) {
    public All {
      schedules = List.copyOf(schedules);
    }

    static All of(RunFacts facts, LiveSchedules live, Instant now) {
      Map<String, Firing> last = new TreeMap<>();
      facts.lastFirings(ROWS_MAX).forEach(firing -> last.put(firing.schedule(), firing));
      Map<String, Line> lines = new TreeMap<>();
      last.forEach((name, firing) -> lines.put(name, Line.unknown(name, Optional.of(firing))));
      String notice = "";
      try {
        List<Schedules.Summary> told = live.list();
        lines.replaceAll((name, line) -> line.as(State.DELETED));
        for (Schedules.Summary schedule : told) {
          lines.put(
              schedule.name(), Line.of(schedule, Optional.ofNullable(last.get(schedule.name()))));
        }
      } catch (LiveSchedules.NoAnswerException e) {
        notice =
            e.getMessage() + ": what is shown was recorded, and when they fire next is not known.";
      }
      return new All(now, notice, lines.values().stream().limit(ROWS_MAX).toList());
    }
  }

  /** Whether it fires. */
  public enum State {
    ACTIVE,
    PAUSED,
    /** It fired once and Temporal has it no more. */
    DELETED,
    /** Temporal does not tell. */
    UNKNOWN;

    @JsonValue
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * One schedule.
   *
   * @param when in words; empty where Temporal does not tell
   * @param note why it is paused
   * @param next the next firings; none while it is paused
   * @param last what was recorded of its last firing
   */
  public record Line(
      String name,
      String recipe,
      String when,
      State state,
      String note,
      List<Instant> next,
      Optional<Row> last) {
    public Line {
      next = List.copyOf(next);
    }

    static Line of(Schedules.Summary schedule, Optional<Firing> last) {
      return new Line(
          schedule.name(),
          schedule.recipe(),
          schedule.when(),
          schedule.paused() ? State.PAUSED : State.ACTIVE,
          schedule.note(),
          schedule.paused() ? List.of() : schedule.next().stream().limit(NEXT_MAX).toList(),
          last.map(Row::of));
    }

    static Line unknown(String name, Optional<Firing> last) {
      return new Line(name, "", "", State.UNKNOWN, "", List.of(), last.map(Row::of));
    }

    Line as(State other) {
      return new Line(name, recipe, when, other, note, next, last);
    }

    /** Its own page: a name may hold any character. */
    public String path() {
      return "/schedules/" + encoded(name);
    }
  }

  /**
   * One firing, or one time at which it should have fired.
   *
   * @param outcome in a word
   * @param reason the decision in words
   * @param run that it started
   * @param workflow that decided; empty where nothing was started
   * @param temporal where Temporal's Web UI shows it
   * @param numbers what was decided on
   */
  public record Row(
      Instant firedAt,
      String outcome,
      String reason,
      Optional<String> run,
      String workflow,
      Optional<String> temporal,
      Map<String, Double> numbers) {
    public Row {
      numbers = Collections.unmodifiableMap(new TreeMap<>(numbers));
    }

    static Row of(Firing firing) {
      return new Row(
          firing.firedAt(),
          firing.outcome().word(),
          firing.reason(),
          firing.outcome() == Firing.Outcome.SKIPPED
              ? Optional.empty()
              : Optional.of(firing.run().value()),
          firing.workflow(),
          Optional.empty(),
          firing.numbers());
    }

    static Row of(
        Schedules.Firing firing, Map<String, Double> numbers, Optional<String> temporalRuns) {
      return new Row(
          firing.scheduledAt(),
          firing.state(),
          firing.reason(),
          firing.run().map(run -> run.value()),
          firing.workflowId(),
          firing.workflowId().isEmpty()
              ? Optional.empty()
              : temporalRuns.map(url -> url + encoded(firing.workflowId())),
          numbers);
    }

    /** How it is marked: as the run's state that it is most like. */
    public String look() {
      return switch (outcome) {
        case "promoted", "done" -> "done";
        case "failed" -> "failed";
        case "training", "running", "asked", "deciding" -> "running";
        default -> "";
      };
    }
  }

  /**
   * One schedule with its firings, newest first.
   *
   * @param fired firings that started something, as Temporal counts; none where it does not tell
   */
  public record One(
      Instant now, String notice, Line schedule, Optional<Counts> counts, List<Row> firings) {
    public One {
      firings = List.copyOf(firings);
    }

    static One of(
        String name,
        RunFacts facts,
        LiveSchedules live,
        Optional<String> temporalRuns,
        Instant now) {
      if (!NAME.matcher(name).matches()) {
        throw unknown(name);
      }
      List<Firing> recorded = facts.firings(name, FIRINGS_MAX);
      Optional<Firing> last = recorded.stream().findFirst();
      try {
        Optional<Schedules.Story> story = live.story(name, recorded, now);
        if (story.isEmpty() && recorded.isEmpty()) {
          throw unknown(name);
        }
        return new One(
            now,
            "",
            story
                .map(s -> Line.of(s.schedule(), last))
                .orElseGet(() -> Line.unknown(name, last).as(State.DELETED)),
            story.map(s -> new Counts(s.fired(), s.skipped(), s.missed())),
            rows(
                story.map(Schedules.Story::firings).orElseGet(() -> account(recorded, now)),
                recorded,
                temporalRuns));
      } catch (LiveSchedules.NoAnswerException e) {
        if (recorded.isEmpty()) {
          throw e;
        }
        return new One(
            now,
            e.getMessage()
                + ": the firings are those that were recorded, and when it fires next is not known.",
            Line.unknown(name, last),
            Optional.empty(),
            rows(account(recorded, now), recorded, temporalRuns));
      }
    }

    private static UnknownIdException unknown(String name) {
      return new UnknownIdException(
          "no schedule is called \"%s\": /schedules lists them".formatted(name));
    }
  }

  /**
   * What Temporal counts.
   *
   * @param skipped because the firing before still went on
   * @param missed because an outage was longer than the catch-up window
   */
  public record Counts(long fired, long skipped, long missed) {}

  private static List<Schedules.Firing> account(List<Firing> recorded, Instant now) {
    return FiringAccount.of(List.of(), recorded, List.of(), now);
  }

  private static List<Row> rows(
      List<Schedules.Firing> firings, List<Firing> recorded, Optional<String> temporalRuns) {
    Map<String, Map<String, Double>> numbers = new HashMap<>();
    recorded.forEach(firing -> numbers.put(firing.workflow(), firing.numbers()));
    List<Row> rows = new ArrayList<>();
    for (Schedules.Firing firing : firings) {
      rows.add(Row.of(firing, numbers.getOrDefault(firing.workflowId(), Map.of()), temporalRuns));
    }
    return rows;
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
