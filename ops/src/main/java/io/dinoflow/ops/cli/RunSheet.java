package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Profiles;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.ops.run.RunSnapshot;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.activity.StageResult;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that is known of one run, as {@code show} prints it.
 *
 * @param profiles where the time of its first steps went, as far as it was recorded on this machine
 * @param now what it does at this moment; empty where it does nothing or cannot be asked
 */
record RunSheet(
    RunRow run,
    List<StageRow> stages,
    List<CheckpointRow> checkpoints,
    List<Event> events,
    List<Profiles.Stored> profiles,
    Optional<RunSnapshot> now) {
  private static final int CHECKPOINTS_MAX = 12;
  private static final int EVENTS_MAX = 30;

  RunSheet {
    stages = List.copyOf(stages);
    checkpoints = List.copyOf(checkpoints);
    events = List.copyOf(events);
    profiles = List.copyOf(profiles);
  }

  List<String> lines(Instant at) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "run %s   recipe %s (%s)   %s"
            .formatted(
                run.id(), run.recipeName(), run.recipeDigest().shortForm(), run.state().word()));
    if (!run.reason().isEmpty()) {
      run.reason().lines().forEach(line -> lines.add("  why: " + line));
    }
    lines.add(
        "started %s (%s), %s %s"
            .formatted(
                Quantities.ago(run.createdAt(), at),
                exact(run.createdAt()),
                run.closedAt().isPresent() ? "took" : "for",
                Quantities.took(Duration.between(run.createdAt(), run.closedAt().orElse(at)))));
    section(lines, "", stageTable(at));
    section(lines, "now", now.map(Activity::lines).orElse(List.of()));
    section(lines, "metrics", metricTable());
    section(lines, "checkpoints", checkpointLines(at));
    profiles.forEach(profile -> section(lines, "", ProfileSheet.lines(profile)));
    section(lines, "events", eventLines(events, EVENTS_MAX));
    return lines;
  }

  private static void section(List<String> lines, String heading, List<String> content) {
    if (!content.isEmpty()) {
      lines.add("");
      if (!heading.isEmpty()) {
        lines.add(heading);
      }
      lines.addAll(content);
    }
  }

  private List<String> stageTable(Instant at) {
    Table table = new Table().left("STATE").left("STAGE").left("KIND").right("TOOK").left("RESULT");
    PipelineRecipe recipe = RecordedRecipe.of(run);
    for (StageRecipe stage : recipe.stages()) {
      Optional<StageRow> row = row(stage.name());
      table.row(
          row.map(r -> r.state().word()).orElse("waiting"),
          stage.name(),
          row.map(StageRow::kind).orElse("-"),
          row.flatMap(r -> took(r, at)).map(Quantities::took).orElse("-"),
          row.map(r -> r.reason().isEmpty() ? made(r) : r.reason()).orElse(""));
    }
    return table.lines();
  }

  private Optional<StageRow> row(String stage) {
    return stages.stream().filter(r -> r.name().equals(stage)).findFirst();
  }

  private static Optional<Duration> took(StageRow row, Instant at) {
    return row.startedAt().map(began -> Duration.between(began, row.finishedAt().orElse(at)));
  }

  /** What a stage made, in one line. */
  static String made(StageRow row) {
    Optional<StageResult> result = RecordedRecipe.result(row);
    if (result.isEmpty()) {
      return "";
    }
    List<String> words = new ArrayList<>();
    result
        .get()
        .dataset()
        .ifPresent(
            d ->
                words.add(
                    "%s %s, %s samples"
                        .formatted(
                            d.name(), d.version().shortForm(), Quantities.count(d.samples()))));
    for (CheckpointRef c : result.get().checkpoints()) {
      words.add(
          "%s%s at step %s"
              .formatted(
                  c.track().student().map(s -> s + " ").orElse(""),
                  c.id().shortForm(),
                  Quantities.count(c.step())));
    }
    result.get().evaluation().ifPresent(e -> words.add("report " + e.id().shortForm()));
    result.get().reusedFrom().ifPresent(from -> words.add("(reused from " + from + ")"));
    return String.join("  ", words);
  }

  private List<String> metricTable() {
    Table table = new Table().left("STAGE").left("METRIC").right("VALUE").right("+-");
    for (StageRow row : stages) {
      for (Metric metric : metrics(row)) {
        table.row(
            row.name(),
            metric.name(),
            Quantities.value(metric.value()),
            metric.standardError().map(Quantities::value).orElse(""));
      }
    }
    return table.lines();
  }

  private static List<Metric> metrics(StageRow row) {
    return RecordedRecipe.result(row).map(StageResult::metrics).orElse(List.of());
  }

  private List<String> checkpointLines(Instant at) {
    int hidden = Math.max(0, checkpoints.size() - CHECKPOINTS_MAX);
    List<String> lines =
        new ArrayList<>(CheckpointList.lines(checkpoints.subList(hidden, checkpoints.size()), at));
    if (hidden > 0) {
      lines.add(" and %d earlier ones: `dinoflow checkpoints %s`".formatted(hidden, run.id()));
    }
    return lines;
  }

  /** The newest events, oldest of them first. */
  static List<String> eventLines(List<Event> events, int most) {
    Table table = new Table().left("AT").left("STAGE").left("EVENT").left("");
    int hidden = Math.max(0, events.size() - most);
    for (Event event : events.subList(hidden, events.size())) {
      table.row(exact(event.at()), event.stage(), event.kind(), event.text());
    }
    List<String> lines = new ArrayList<>(table.lines());
    if (hidden > 0) {
      lines.add(" and %d earlier ones: --json has them all".formatted(hidden));
    }
    return lines;
  }

  private static String exact(Instant instant) {
    return instant.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  Map<String, Object> json() {
    Map<String, Object> sheet = new LinkedHashMap<>(RunList.json(new RunList.Entry(run, stages)));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (StageRecipe stage : RecordedRecipe.of(run).stages()) {
      Optional<StageRow> row = row(stage.name());
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("stage", stage.name());
      facts.put("kind", row.map(StageRow::kind));
      facts.put("state", row.map(r -> r.state().word()).orElse("waiting"));
      facts.put("reason", row.map(StageRow::reason).orElse(""));
      facts.put("reusedFrom", row.flatMap(StageRow::reusedFrom).map(id -> id.value()));
      facts.put("startedAt", row.flatMap(StageRow::startedAt));
      facts.put("finishedAt", row.flatMap(StageRow::finishedAt));
      facts.put("outputs", row.map(StageRow::outputs).orElse(List.of()));
      facts.put("metrics", row.map(RunSheet::metrics).orElse(List.of()));
      rows.add(facts);
    }
    sheet.put("stages", rows);
    sheet.put("activities", now.map(Activity::json).orElse(List.of()));
    sheet.put("checkpoints", checkpoints.stream().map(CheckpointList::json).toList());
    sheet.put("profiles", profiles.stream().map(ProfileSheet::json).toList());
    sheet.put("events", events.stream().map(RunSheet::event).toList());
    return sheet;
  }

  static Map<String, Object> event(Event event) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("at", event.at());
    facts.put("stage", event.stage());
    facts.put("event", event.kind());
    facts.put("text", event.text());
    return facts;
  }
}
