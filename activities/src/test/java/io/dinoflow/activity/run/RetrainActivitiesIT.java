package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.testing.Bench;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.storage.registry.Promotion;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.GatherActivities.Gathered;
import io.dinoflow.workflow.activity.RetrainActivities.Settle;
import io.dinoflow.workflow.activity.RetrainActivities.Settlement;
import io.dinoflow.workflow.activity.RetrainActivities.Survey;
import io.dinoflow.workflow.activity.RetrainActivities.Surveyed;
import io.dinoflow.workflow.activity.RetrainActivities.Weigh;
import io.dinoflow.workflow.activity.RetrainActivities.Weighed;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.dinoflow.workflow.activity.RunActivities.OpenedRun;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a firing decides to begin with, and what a run that begins so must be. */
class RetrainActivitiesIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Instant DUE = Instant.parse("2030-05-01T12:00:00Z");
  private static final AtomicInteger NAMES = new AtomicInteger();

  @TempDir static Path folder;
  private static Bench bench;
  private static RetrainActivitiesImpl retraining;
  private static RunActivitiesImpl runs;

  @BeforeAll
  static void servers() {
    bench = Bench.in(folder);
    CatalogRecipes recipes = new CatalogRecipes(new Chain());
    retraining =
        new RetrainActivitiesImpl(bench.workbench(), recipes, bench.models(), bench.firings());
    runs = new RunActivitiesImpl(bench.workbench(), recipes);
  }

  @AfterAll
  static void close() {
    bench.close();
  }

  @Test
  void beginsTheFirstTrainingStageWithTheChampionInTheRunsOwnRecipe() throws Exception {
    String model = model();
    CheckpointRef champion = champion(model, checkpoint(Chain.recipe(), "highres", 4));
    ObjectNode asked = request(model, "champion");
    asked.withObject("/pipeline/overrides").put("pretrain.start.student.drop_path_rate", 0.1);
    Surveyed firing = survey(asked);
    Weighed weighed = weigh(firing);

    assertThat(weighed.start()).isTrue();
    assertThat(weighed.reason())
        .endsWith(", going on from version 1, checkpoint %s".formatted(champion.id().shortForm()));
    assertThat(weigh(firing)).as("weighed twice").isEqualTo(weighed);
    assertThat(bench.firings().find(firing.workflow()).orElseThrow())
        .satisfies(row -> assertThat(row.outcome()).isEqualTo(Firing.Outcome.TRAINING))
        .satisfies(row -> assertThat(row.reason()).isEqualTo(weighed.reason()));

    OpenedRun opened = runs.openRun(new OpenRequest(firing.run().value(), weighed.pipeline()));
    Start start = recipe(opened).stage("pretrain", StageRecipe.Train.class).start();
    Start.Fresh networks =
        Chain.with("pretrain.start.student.drop_path_rate", 0.1)
            .architecture(Chain.recipe().stage("pretrain", StageRecipe.Train.class));
    assertThat(start).isInstanceOf(Start.FromCheckpoint.class);
    assertThat(((Start.FromCheckpoint) start).checkpoint()).isEqualTo(champion.id());
    assertThat(((Start.FromCheckpoint) start).architecture().networks())
        .isEqualTo(networks.networks());
    assertThat(bench.lineage().checkpoint(champion.id()).orElseThrow().pinned())
        .as("kept for a run that has committed nothing yet")
        .isTrue();
    assertThat(runs.openRun(new OpenRequest(firing.run().value(), weighed.pipeline())))
        .as("opened twice")
        .isEqualTo(opened);
  }

  @Test
  void beginsAsTheRecipeSaysWhereItIsNotAskedToOrNothingServesYet() throws Exception {
    String model = model();
    Surveyed first = survey(request(model, "champion"));
    Weighed begun = weigh(first);
    assertThat(begun.reason()).endsWith(", from scratch as there is no champion to go on from");
    assertThat(begun.pipeline().has("overrides")).isFalse();

    champion(model, checkpoint(Chain.recipe(), "highres", 4));
    Weighed scratch = weigh(survey(request(model, "scratch")));
    assertThat(scratch.reason()).doesNotContain("going on from").doesNotContain("from scratch");
    assertThat(scratch.pipeline().has("overrides")).isFalse();
  }

  @Test
  void whatWasTrainedFromScratchDoesNotAnswerWhatTheChampionWouldBecome() throws Exception {
    String model = model();
    CheckpointRef champion = champion(model, checkpoint(Chain.recipe(), "highres", 4));
    Surveyed scratch = survey(request(model, "scratch"));
    weigh(scratch);
    settle(scratch, Settlement.REFUSED);
    assertThat(weigh(survey(request(model, "scratch"))).reason()).contains("trained on just these");

    Surveyed continued = survey(request(model, "champion"));
    assertThat(weigh(continued).start()).isTrue();
    settle(continued, Settlement.REFUSED);
    assertThat(weigh(survey(request(model, "champion"))).start()).isFalse();
    assertThat(bench.models().find(model, "champion").orElseThrow().checkpoint())
        .isEqualTo(champion);
  }

  @Test
  void saysInOneSentenceWhyAChampionCannotBeGoneOnFrom() throws Exception {
    String model = model();
    CheckpointRef wide =
        champion(
            model, checkpoint(Chain.with("pretrain.start.student.embed_dim", 96), "highres", 4));
    assertThat(misfit(model))
        .isEqualTo(
            "version 1 of %s, checkpoint %s of %s, has other networks than stage \"pretrain\" (start.student.embed_dim: 96 -> 48): train with its networks, or from scratch"
                .formatted(model, wide.id().shortForm(), wide.track()));

    champion(model, checkpoint(Chain.recipe(), "distill/vit", 6));
    assertThat(misfit(model))
        .contains("version 2 of " + model)
        .contains("is of a stage of kind distill, and stage \"pretrain\" goes on with the teacher")
        .endsWith(": train with its networks, or from scratch");

    champion(
        model,
        checkpoint(
            RecipeFormat.parse(
                """
                name: published
                stages:
                  - {kind: import, name: imported, from: published, student: vits16}
                """),
            "imported",
            0));
    assertThat(misfit(model)).contains("is of a stage of kind import");
  }

  @Test
  void aFieldThatOnlyTrainingReadsIsNoOtherNetwork() throws Exception {
    String model = model();
    champion(
        model, checkpoint(Chain.with("pretrain.start.student.drop_path_rate", 0.2), "highres", 4));
    assertThat(weigh(survey(request(model, "champion"))).start()).isTrue();
  }

  @Test
  void aRunIsNotOpenedThatCannotBeginAsItsRecipeSays() throws Exception {
    CheckpointRef good = checkpoint(Chain.recipe(), "pretrain", 12);
    CheckpointRef distilled = checkpoint(Chain.recipe(), "distill/vit", 6);
    CheckpointRef gone = checkpoint(Chain.recipe(), "pretrain", 12);
    bench.expire(gone.id());

    assertThat(recipe(runs.openRun(beginning("good-start", good.id().hex()))).stages()).hasSize(7);
    assertThat(refused(beginning("no-start", "ab".repeat(32))))
        .contains("- pretrain.start.checkpoint: " + "ab".repeat(32))
        .contains("is no checkpoint that is recorded here");
    assertThat(refused(beginning("odd-start", distilled.id().hex())))
        .contains("- pretrain.start.checkpoint: checkpoint " + distilled.id().shortForm())
        .contains("is of a stage of kind distill", "name one that fits, or start fresh");
    assertThat(refused(beginning("gone-start", gone.id().hex())))
        .contains("cannot be read any more; name one whose bytes are kept");
    assertThat(bench.lineage().run(new RunId("odd-start"))).isEmpty();

    bench.expire(good.id());
    assertThat(recipe(runs.openRun(beginning("good-start", good.id().hex()))).stages())
        .as("a run that was opened goes on from its own states")
        .hasSize(7);
  }

  @Test
  void anotherCheckpointCannotBePutUnderAStageThatNamesItsOwn() throws Exception {
    CheckpointRef begun = checkpoint(Chain.recipe(), "pretrain", 12);
    OpenedRun opened = runs.openRun(beginning("named-start", begun.id().hex()));
    CheckpointRef own = checkpoint(opened.run(), "pretrain", 4);

    assertThatThrownBy(
            () ->
                new Forks(
                        bench.workbench().artifacts(),
                        bench.lineage(),
                        new CatalogRecipes(new Chain()))
                    .into("pretrain", own, Map.of()))
        .isInstanceOf(Fork.RefusedException.class)
        .hasMessageContaining(
            "stage pretrain begins with checkpoint %s of another run"
                .formatted(begun.id().shortForm()))
        .hasMessageContaining("start.checkpoint");
  }

  private static OpenRequest beginning(String run, String checkpoint) {
    Start.Fresh networks =
        Chain.recipe().architecture(Chain.recipe().stage("pretrain", StageRecipe.Train.class));
    ObjectNode start =
        RecipeFormat.mapper()
            .valueToTree(
                new Start.FromCheckpoint(
                    new Sha256(checkpoint),
                    networks.student(),
                    networks.dinoHead(),
                    networks.ibotHead()));
    ObjectNode request = JSON.createObjectNode().put("recipe", "chain");
    request.putObject("overrides").set("pretrain.start", start);
    return new OpenRequest(run, request);
  }

  private static String refused(OpenRequest request) {
    ApplicationFailure failure =
        catchThrowableOfType(ApplicationFailure.class, () -> runs.openRun(request));
    assertThat(failure.getType()).isEqualTo(Failures.BAD_CONFIG);
    return failure.getOriginalMessage();
  }

  private static String misfit(String model) throws IOException {
    Surveyed firing = survey(request(model, "champion"));
    ApplicationFailure failure =
        catchThrowableOfType(ApplicationFailure.class, () -> weigh(firing));
    assertThat(failure.getType()).isEqualTo(Failures.BAD_CONFIG);
    assertThat(failure.isNonRetryable()).isTrue();
    return failure.getOriginalMessage();
  }

  private static PipelineRecipe recipe(OpenedRun opened) {
    return bench.workbench().recipes().read(opened.run(), opened.recipe());
  }

  private static Surveyed survey(ObjectNode request) {
    String workflow = "retrain/" + NAMES.incrementAndGet();
    return retraining.survey(
        new Survey(workflow, DUE.plusSeconds(NAMES.get()).toEpochMilli(), request));
  }

  private static Weighed weigh(Surveyed firing) throws IOException {
    DatasetRef union = bench.dataset("union", List.of(Bench.sample("a")));
    return retraining.weigh(
        new Weigh(firing, new Gathered("pictures", 1, 1, 0, 0, Optional.of(union), 0, 1)));
  }

  private static void settle(Surveyed firing, Settlement how) {
    retraining.settle(
        new Settle(firing, how, Optional.of(2), "schedule", "fails the gate", Map.of()));
  }

  private static ObjectNode request(String model, String from) {
    ObjectNode request = JSON.createObjectNode();
    request.put("schedule", "nightly").put("dataset", "/pictures").put("model", model);
    request.put("from", from).putObject("pipeline").put("recipe", "chain");
    return request;
  }

  private static String model() {
    return "model-" + NAMES.incrementAndGet();
  }

  private static CheckpointRef champion(String model, CheckpointRef checkpoint) {
    int version = bench.models().register(model, checkpoint.id(), Optional.empty()).version();
    bench
        .models()
        .promote(model, version, "champion", new Promotion.Decision("ada", "the best", Map.of()));
    return checkpoint;
  }

  /** One of a new run of the recipe. */
  private static CheckpointRef checkpoint(PipelineRecipe recipe, String subject, long step) {
    return checkpoint(bench.open(recipe), subject, step);
  }

  private static CheckpointRef checkpoint(RunId run, String subject, long step) {
    TrackId track = TrackId.parse(run + "/" + subject);
    return bench
        .workbench()
        .checkpoints()
        .commit(
            bench.workbench().checkpoints().claim(track, "owner"),
            new CheckpointDraft(
                step,
                List.of(Blobs.text(folder, "teacher.safetensors", track + " " + step)),
                List.of(),
                List.of(),
                new Environment("none", "kernels", 2, "cpu", "none", "test")));
  }
}
