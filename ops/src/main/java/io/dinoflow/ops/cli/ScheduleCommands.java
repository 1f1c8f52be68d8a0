package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.Services;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code schedule create|list|trigger|backfill|decide|pause|resume|delete}. */
final class ScheduleCommands {
  private ScheduleCommands() {}

  static CommandLine all() {
    return new CommandLine(new Group())
        .addSubcommand(new ScheduleCreateCommand())
        .addSubcommand(new ListAll())
        .addSubcommand(new Trigger())
        .addSubcommand(new ScheduleBackfillCommand())
        .addSubcommand(new ScheduleDecideCommand())
        .addSubcommand(new Pause())
        .addSubcommand(new Resume())
        .addSubcommand(new Delete());
  }

  @CommandLine.Command(name = "schedule", description = "Run a recipe again and again.")
  private static final class Group extends CommandGroup {}

  /** What a schedule's name may be: with the firing's time it becomes a run's id. */
  static String name(String typed) {
    if (!typed.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,59}")) {
      throw CliFailure.usage(
          "\"" + typed + "\" cannot name a schedule",
          "its runs are called NAME-TIME: use 1 to 60 of the characters A-Z a-z 0-9 . _ -,"
              + " beginning with a letter or digit",
          "choose another name");
    }
    return typed;
  }

  /** When it fires, from what was typed. */
  static Schedules.Times times(
      Optional<String> cron, Optional<String> every, Optional<String> zone) {
    if (every.isPresent()) {
      if (zone.isPresent()) {
        throw CliFailure.usage(
            "--time-zone cannot be used with --every",
            "an interval is the same in every time zone",
            "leave it out, or give --cron");
      }
      Duration interval =
          Spans.parse(every.get())
              .orElseThrow(
                  () ->
                      CliFailure.usage(
                          "--every " + every.get() + " cannot be used",
                          "it is no span of time",
                          "write it like 30s, 15m, 1h30m, 2d or 1w"));
      return Schedules.Times.every(interval);
    }
    if (cron.isEmpty()) {
      // an option that may be empty counts as given, so the parser lets neither of the two pass
      throw CliFailure.usage(
          "nothing says when the schedule fires",
          "neither --cron nor --every is given",
          "give one of them, such as --every 1d");
    }
    try {
      return Schedules.Times.cron(cron.get(), ZoneId.of(zone.orElse("UTC")));
    } catch (DateTimeException e) {
      throw CliFailure.usage(
          "--time-zone " + zone.orElse("") + " cannot be used",
          "it names no time zone",
          "write it like Europe/Berlin or UTC");
    }
  }

  /** Lists them. */
  @CommandLine.Command(name = "list", description = "List the schedules.")
  static final class ListAll extends Command {
    @Override
    protected ExitCode run() throws Exception {
      try (Services services = services()) {
        List<Schedules.Summary> all = new Schedules(services.workflows()).list();
        if (asJson()) {
          all.forEach(schedule -> printer().json(json(schedule)));
        } else if (all.isEmpty()) {
          printer().note("no schedules; `dinoflow schedule create --help` shows how to make one");
        } else {
          lines(all, Instant.now()).forEach(printer()::line);
        }
        return ExitCode.OK;
      }
    }
  }

  static List<String> lines(List<Schedules.Summary> all, Instant now) {
    Table table =
        new Table()
            .left("SCHEDULE")
            .left("RECIPE")
            .left("STATE")
            .left("WHEN")
            .left("NEXT")
            .left("");
    for (Schedules.Summary schedule : all) {
      table.row(
          schedule.name(),
          schedule.recipe(),
          schedule.paused() ? "paused" : "active",
          schedule.when(),
          schedule.paused() || schedule.next().isEmpty()
              ? "-"
              : Quantities.ahead(schedule.next().get(0), now),
          schedule.note());
    }
    return table.lines();
  }

  static Map<String, Object> json(Schedules.Summary schedule) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("schedule", schedule.name());
    facts.put("recipe", schedule.recipe());
    facts.put("when", schedule.when());
    facts.put("paused", schedule.paused());
    facts.put("note", schedule.note());
    facts.put("next", schedule.next());
    return facts;
  }

  /** What the commands that change one schedule have in common. */
  private abstract static class Change extends Command {
    @Parameters(index = "0", paramLabel = "NAME", description = "The schedule's name.")
    private String name = "";

    /** Makes the change and says in words what it was. */
    abstract String change(Schedules schedules, String name);

    @Override
    protected final ExitCode run() throws Exception {
      try (Services services = services()) {
        String answer = change(new Schedules(services.workflows()), name);
        Answers.print(
            printer(),
            asJson(),
            Map.of("schedule", name, "answer", answer),
            "schedule " + name + ": " + answer);
        return ExitCode.OK;
      }
    }
  }

  /** Fires one now. */
  @CommandLine.Command(name = "trigger", description = "Fire a schedule now.")
  static final class Trigger extends Change {
    @Override
    String change(Schedules schedules, String name) {
      schedules.trigger(name);
      return "fired; `dinoflow why " + name + "` shows the decision";
    }
  }

  /** Stops one for a while. */
  @CommandLine.Command(name = "pause", description = "Let a schedule fire no more until resumed.")
  static final class Pause extends Change {
    @Option(
        names = "--reason",
        paramLabel = "TEXT",
        defaultValue = "paused by hand",
        description = "Shown with the schedule (default: ${DEFAULT-VALUE}).")
    private String reason = "";

    @Override
    String change(Schedules schedules, String name) {
      schedules.pause(name, reason);
      return "paused; a run that goes on goes on";
    }
  }

  /** Lets one go on. */
  @CommandLine.Command(
      name = "resume",
      aliases = "unpause",
      description = "Let a paused schedule fire again.")
  static final class Resume extends Change {
    @Override
    String change(Schedules schedules, String name) {
      schedules.resume(name);
      return "fires again";
    }
  }

  /** Forgets one. */
  @CommandLine.Command(name = "delete", description = "Forget a schedule; its runs stay.")
  static final class Delete extends Change {
    @Override
    String change(Schedules schedules, String name) {
      schedules.delete(name);
      return "deleted; its runs stay";
    }
  }
}
