package io.dinoflow.ops.cli;

import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.workflow.WorkflowIds;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Why a run is in its state: who started it, what was taken over, what happened. */
record RunReasons(RunRow run, List<StageRow> stages, List<Event> events, Optional<Firing> firing) {
  private static final int EVENTS_MAX = 50;

  RunReasons {
    stages = List.copyOf(stages);
    events = List.copyOf(events);
  }

  List<String> lines(Instant now) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "run %s is %s, since %s"
            .formatted(
                run.id(),
                run.state().word(),
                Quantities.ago(run.closedAt().orElse(run.updatedAt()), now)));
    lines.add("  why: " + because());
    lines.add("  do:  " + remedy());
    schedule()
        .ifPresent(
            name ->
                lines.add(
                    "started by schedule %s; `dinoflow why %s` has its decision"
                        .formatted(name, name)));
    firing.ifPresent(f -> lines.add("  %s: %s".formatted(f.outcome().word(), f.reason())));
    Table table = new Table().left("STAGE").left("STATE").left("WHY");
    for (StageRow stage : stages) {
      table.row(stage.name(), stage.state().word(), why(stage));
    }
    if (!table.isEmpty()) {
      lines.add("");
      lines.addAll(table.lines());
    }
    List<String> happened = RunSheet.eventLines(events, EVENTS_MAX);
    if (!happened.isEmpty()) {
      lines.add("");
      lines.addAll(happened);
    }
    return lines;
  }

  private String because() {
    if (!run.reason().isEmpty()) {
      return run.reason().replaceAll("\\s*\\R\\s*", " ");
    }
    return switch (run.state()) {
      case DONE -> "every stage is done";
      case RUNNING -> at().map(stage -> "stage " + stage + " runs").orElse("it is between stages");
      case WAITING -> "no worker has begun it yet";
      case PAUSED -> "it was paused without a reason";
      case FAILED -> "no reason was recorded; the events below say what happened";
      case CANCELLED -> "it was cancelled";
    };
  }

  private String remedy() {
    return switch (run.state()) {
      case DONE -> "nothing; `dinoflow show " + run.id() + "` shows what it made";
      case RUNNING, WAITING -> "`dinoflow run --attach " + run.id() + "` follows it";
      case PAUSED -> "`dinoflow resume " + run.id() + "`";
      case FAILED ->
          "remove the cause, then `dinoflow run --attach %s` goes on from its last checkpoint"
              .formatted(run.id());
      case CANCELLED -> "`dinoflow run --attach " + run.id() + "` goes on from its last checkpoint";
    };
  }

  private Optional<String> at() {
    return new RunList.Entry(run, stages).at();
  }

  private Optional<String> schedule() {
    return WorkflowIds.scheduleOf(run.id());
  }

  private static String why(StageRow stage) {
    return stage
        .reusedFrom()
        .map(
            from ->
                "not run again: recipe, inputs and machine are those of %s/%s"
                    .formatted(from, stage.name()))
        .orElse(stage.reason());
  }

  Map<String, Object> json() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run", run.id().value());
    facts.put("state", run.state().word());
    facts.put("reason", because());
    facts.put("remedy", remedy());
    facts.put("schedule", schedule());
    facts.put("outcome", firing.map(f -> f.outcome().word()));
    facts.put("decision", firing.map(Firing::reason));
    facts.put("numbers", firing.map(Firing::numbers));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (StageRow stage : stages) {
      Map<String, Object> row = new LinkedHashMap<>();
      row.put("stage", stage.name());
      row.put("state", stage.state().word());
      row.put("reason", why(stage));
      row.put("reusedFrom", stage.reusedFrom().map(id -> id.value()));
      rows.add(row);
    }
    facts.put("stages", rows);
    facts.put("events", events.stream().map(RunSheet::event).toList());
    return facts;
  }
}
