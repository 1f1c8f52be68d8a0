package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.Services;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Fires for a span of the past. */
@CommandLine.Command(
    name = "backfill",
    description = "Fire a schedule for every time in a span of the past, one after the other.")
final class ScheduleBackfillCommand extends Command {
  @Parameters(index = "0", paramLabel = "NAME", description = "The schedule's name.")
  private String name = "";

  @Option(
      names = "--from",
      required = true,
      paramLabel = "TIME",
      description = "Such as 2030-05-01T00:00:00Z.")
  private String from = "";

  @Option(names = "--to", required = true, paramLabel = "TIME", description = "Its end.")
  private String to = "";

  @Override
  protected ExitCode run() throws Exception {
    Instant begin = instant("--from", from);
    Instant end = instant("--to", to);
    if (!begin.isBefore(end)) {
      throw CliFailure.usage(
          "--from " + from + " is not before --to " + to, "the span is empty", "swap them");
    }
    try (Services services = services()) {
      new Schedules(services.workflows()).backfill(name, begin, end);
    }
    Answers.print(
        printer(),
        asJson(),
        Map.of("schedule", name, "answer", "backfilled", "from", from, "to", to),
        "schedule %s fires for %s to %s; `dinoflow why %s` shows the decisions"
            .formatted(name, begin, end, name));
    return ExitCode.OK;
  }

  private static Instant instant(String option, String typed) {
    try {
      return Instant.parse(typed);
    } catch (DateTimeParseException e) {
      throw CliFailure.usage(
          "%s %s cannot be used".formatted(option, typed),
          "it is no time",
          "write it like 2030-05-01T00:00:00Z");
    }
  }
}
