package io.dinoflow.ops.cli;

import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runs as a table or as JSON. */
final class RunList {
  /** A run with the stages it has begun. */
  record Entry(RunRow run, List<StageRow> stages) {
    Entry {
      stages = List.copyOf(stages);
    }

    long done() {
      return stages.stream().filter(stage -> stage.state() == RunState.DONE).count();
    }

    /** The stage it is at, or ended in. */
    Optional<String> at() {
      return stages.stream()
          .filter(stage -> stage.state() != RunState.DONE)
          .map(StageRow::name)
          .findFirst();
    }

    List<String> recipe() {
      return RecordedRecipe.of(run).stages().stream().map(StageRecipe::name).toList();
    }
  }

  private RunList() {}

  static List<String> lines(List<Entry> entries, Instant now) {
    Table table =
        new Table()
            .left("RUN")
            .left("RECIPE")
            .left("STATE")
            .right("STAGES")
            .left("AT")
            .left("STARTED")
            .right("TOOK")
            .left("REASON");
    for (Entry entry : entries) {
      RunRow run = entry.run();
      table.row(
          run.id().value(),
          run.recipeName(),
          run.state().word(),
          entry.done() + "/" + entry.recipe().size(),
          entry.at().orElse("-"),
          Quantities.ago(run.createdAt(), now),
          Quantities.took(Duration.between(run.createdAt(), run.closedAt().orElse(now))),
          run.reason());
    }
    return table.lines();
  }

  static Map<String, Object> json(Entry entry) {
    RunRow run = entry.run();
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("run", run.id().value());
    facts.put("recipe", run.recipeName());
    facts.put("state", run.state().word());
    facts.put("reason", run.reason());
    facts.put("stagesDone", entry.done());
    facts.put("stages", entry.recipe());
    facts.put("at", entry.at());
    facts.put("recipeDigest", run.recipeDigest().hex());
    facts.put("createdAt", run.createdAt());
    facts.put("updatedAt", run.updatedAt());
    facts.put("closedAt", run.closedAt());
    return facts;
  }
}
