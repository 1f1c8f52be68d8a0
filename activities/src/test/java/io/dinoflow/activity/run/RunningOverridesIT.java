package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.testing.Bench;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.lineage.RecipeRevision;
import io.dinoflow.workflow.activity.RunActivities.BeginStage;
import io.dinoflow.workflow.activity.RunActivities.FinishStage;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.dinoflow.workflow.activity.RunActivities.OpenedRun;
import io.dinoflow.workflow.activity.RunActivities.OverrideRequest;
import io.dinoflow.workflow.activity.StageResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunningOverridesIT {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static Bench bench;
  private static RunActivitiesImpl activities;

  @BeforeAll
  static void servers() {
    bench = Bench.in(folder);
    activities = new RunActivitiesImpl(bench.workbench(), new CatalogRecipes(new Chain()));
  }

  @AfterAll
  static void close() {
    bench.close();
  }

  @Test
  void changesWhatHoldsForTheStageAndLeavesTheRunsOwnRecipe() {
    OpenedRun run = open();
    String said = override(run, "pretrain.optim.clip_grad", "1.5");
    assertThat(said).contains("pretrain", "optim.clip_grad", "-> 1.5", "(too rough)");
    assertThat(pretrain(run).optim().clipGrad()).isEqualTo(1.5);
    assertThat(bench.workbench().recipes().read(run.run(), run.recipe()).stage("pretrain"))
        .isNotEqualTo(Optional.of(pretrain(run)));
    assertThat(bench.lineage().events(run.run()))
        .filteredOn(event -> event.kind().equals("revised"))
        .extracting(event -> event.stage())
        .containsExactly("pretrain");
  }

  @Test
  void laterOverridesBuildOnEarlierOnes() {
    OpenedRun run = open();
    override(run, "pretrain.optim.clip_grad", "1.5");
    override(run, "pretrain.checkpointing.period", "2");
    assertThat(pretrain(run).optim().clipGrad()).isEqualTo(1.5);
    assertThat(pretrain(run).checkpointing().period()).isEqualTo(2);
    assertThat(bench.lineage().revisions(run.run()))
        .extracting(RecipeRevision::number)
        .containsExactly(1, 2);
  }

  @Test
  void everyGroupOfStudentsGetsItsOwnRevision() {
    OpenedRun run = open();
    override(run, "distill.optim.clip_grad", "1.5");
    List<String> groups =
        bench
            .workbench()
            .recipes()
            .read(run.run(), run.recipe())
            .stage("distill", StageRecipe.Distill.class)
            .groups()
            .stream()
            .map(group -> "distill/" + group.name())
            .toList();
    assertThat(bench.lineage().revisions(run.run()))
        .extracting(RecipeRevision::scope)
        .containsExactlyElementsOf(groups);
  }

  @Test
  void reportsEveryProblemAndThenChangesNothing() {
    OpenedRun run = open();
    assertThatThrownBy(
            () ->
                override(
                    run,
                    Map.of(
                        "pretrain.optim.clip_grad", "1.5",
                        "pretrain.steps", "99",
                        "seed", "3",
                        "gram.optim.colour", "1")))
        .hasMessageContainingAll(
            "Nothing was changed", "pretrain: steps", "seed: only fields of stages", "colour");
    assertThat(bench.lineage().revisions(run.run())).isEmpty();
  }

  @Test
  void whatAStateIsMadeOfCannotChange() {
    OpenedRun run = open();
    assertThatThrownBy(() -> override(run, "pretrain.start.student.depth", "7"))
        .hasMessageContaining("what its state is made of cannot change");
  }

  @Test
  void aDoneStageCannotChange() {
    OpenedRun run = open();
    var begun =
        activities.beginStage(
            new BeginStage(run.run(), run.recipe(), "pretrain", Optional.empty(), List.of(), true));
    activities.finishStage(
        new FinishStage(
            run.run(),
            "pretrain",
            begun.reuseKey(),
            StageResult.trained("pretrain", List.of(), List.of())));
    assertThatThrownBy(() -> override(run, "pretrain.optim.clip_grad", "1.5"))
        .hasMessageContaining("the stage is done");
  }

  private static StageRecipe.Train pretrain(OpenedRun run) {
    return bench
        .workbench()
        .recipes()
        .current(run.run(), run.recipe(), "pretrain")
        .stage("pretrain", StageRecipe.Train.class);
  }

  private static String override(OpenedRun run, String path, String value) {
    return override(run, Map.of(path, value));
  }

  private static String override(OpenedRun run, Map<String, String> values) {
    ObjectNode tree = JSON.createObjectNode();
    values.forEach((path, value) -> tree.put(path, Double.parseDouble(value)));
    values.forEach(
        (path, value) -> {
          if (!value.contains(".")) {
            tree.put(path, Long.parseLong(value));
          }
        });
    return activities.overrideRecipe(
        new OverrideRequest(
            run.run(),
            run.recipe(),
            tree.properties().stream()
                .collect(java.util.stream.Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)),
            "too rough",
            "test/" + NAMES.incrementAndGet()));
  }

  private static OpenedRun open() {
    ObjectNode request = JSON.createObjectNode().put("recipe", "chain");
    request.withObject("overrides").put("pretrain.steps", 12);
    return activities.openRun(new OpenRequest("changed-" + NAMES.incrementAndGet(), request));
  }
}
