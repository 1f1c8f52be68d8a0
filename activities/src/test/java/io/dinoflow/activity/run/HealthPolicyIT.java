package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.testing.Bench;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.HealthRecipe.Range;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RecipeRevision;
import io.dinoflow.workflow.activity.RunActivities.BeginStage;
import io.dinoflow.workflow.activity.RunActivities.BegunStage;
import io.dinoflow.workflow.activity.RunActivities.FinishStage;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.dinoflow.workflow.activity.RunActivities.OpenedRun;
import io.dinoflow.workflow.activity.RunActivities.Recover;
import io.dinoflow.workflow.activity.RunActivities.Recovery;
import io.dinoflow.workflow.activity.RunActivities.Recovery.Action;
import io.dinoflow.workflow.activity.StageResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HealthPolicyIT {
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static final String FAILURE = "total_loss is NaN at step 7";

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
  void skipsTheBatchThatFailedAndThoseBehindIt() {
    OpenedRun run = open("{kind: skip_batches, count: 5}");
    Recovery recovery = recover(run, "pretrain", 7, 0);
    assertThat(recovery.action()).isEqualTo(Action.RETRY);
    assertThat(recovery.text()).contains(FAILURE, "batches 7 to 11", "retry 1 of 2");
    assertThat(pretrain(run).health().skipped()).containsExactly(new Range(7, 12));

    recover(run, "pretrain", 9, 1);
    assertThat(pretrain(run).health().skipped())
        .containsExactly(new Range(7, 12), new Range(14, 19));
    RecipeRevision newest = bench.lineage().newestRevision(run.run(), "pretrain").orElseThrow();
    assertThat(newest.number()).isEqualTo(2);
    assertThat(newest.digest()).isEqualTo(Sha256.ofText(newest.recipeJson()));
    assertThat(bench.lineage().run(run.run()).orElseThrow().recipeDigest())
        .as("the run's own recipe stays")
        .isEqualTo(run.recipe());
  }

  @Test
  void lowersTheWholeSchedule() {
    OpenedRun run = open("{kind: lower_rate, factor: 0.5}");
    double before = pretrain(run).optim().lr().peak();
    assertThat(recover(run, "pretrain", 7, 0).action()).isEqualTo(Action.RETRY);
    assertThat(pretrain(run).optim().lr().peak()).isEqualTo(before * 0.5);
    assertThat(pretrain(run).optim().lr().end()).isEqualTo(before * 0.5);
  }

  @Test
  void asksAndChangesNothing() {
    OpenedRun run = open("{kind: ask}");
    assertThat(recover(run, "pretrain", 7, 9).action()).isEqualTo(Action.ASK);
    assertThat(bench.lineage().revisions(run.run())).isEmpty();
    assertThat(bench.lineage().events(run.run()))
        .filteredOn(event -> event.kind().equals("diverged"))
        .extracting(Event::text)
        .containsExactly(FAILURE);
  }

  @Test
  void givesUpWhenTheRetriesAreUsedUp() {
    OpenedRun run = open("{kind: skip_batches, count: 5}");
    Recovery recovery = recover(run, "pretrain", 7, 2);
    assertThat(recovery.action()).isEqualTo(Action.GIVE_UP);
    assertThat(recovery.text()).contains(FAILURE, "max_retries 2");
    assertThat(bench.lineage().revisions(run.run())).isEmpty();
  }

  @Test
  void theSameOccasionRevisesOnce() {
    OpenedRun run = open("{kind: skip_batches, count: 5}");
    Recovery first = recover(run, "pretrain", 7, 0);
    assertThat(recover(run, "pretrain", 7, 0)).isEqualTo(first);
    assertThat(bench.lineage().revisions(run.run())).hasSize(1);
    assertThat(bench.lineage().events(run.run()))
        .filteredOn(event -> event.kind().equals("revised"))
        .hasSize(1);
  }

  @Test
  void aStageWhoseRecipeWasRevisedIsNobodysToReuse() throws Exception {
    OpenedRun run = open("{kind: skip_batches, count: 5}");
    BegunStage begun = begin(run);
    recover(run, "pretrain", 7, 0);
    activities.finishStage(
        new FinishStage(
            run.run(),
            "pretrain",
            begun.reuseKey(),
            StageResult.trained("pretrain", List.of(), List.of())));
    assertThat(bench.lineage().reusable(begun.reuseKey())).isEmpty();
  }

  private static BegunStage begin(OpenedRun run) {
    return activities.beginStage(
        new BeginStage(run.run(), run.recipe(), "pretrain", Optional.empty(), List.of(), true));
  }

  private static Recovery recover(OpenedRun run, String scope, long step, int retries) {
    return activities.recover(
        new Recover(
            run.run(), run.recipe(), "pretrain", scope, step, FAILURE, retries, "test/" + retries));
  }

  private static StageRecipe.Train pretrain(OpenedRun run) {
    PipelineRecipe now = bench.workbench().recipes().current(run.run(), run.recipe(), "pretrain");
    return now.stage("pretrain", StageRecipe.Train.class);
  }

  private static OpenedRun open(String remedy) {
    ObjectNode request = new ObjectMapper().createObjectNode().put("recipe", "chain");
    ObjectNode overrides = request.withObject("overrides");
    overrides.put("pretrain.health.max_retries", 2);
    overrides.set("pretrain.health.on_divergence", RecipeFormat.value(remedy));
    return activities.openRun(new OpenRequest("ailing-" + NAMES.incrementAndGet(), request));
  }
}
