package io.dinoflow.ops.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.eval.EvaluationReport;
import io.dinoflow.ops.cli.Commands;
import io.dinoflow.ops.testing.Installation;
import io.dinoflow.ops.testing.TemporalUi;
import io.dinoflow.ops.testing.Terminal;
import io.dinoflow.ops.testing.TinyRecipe;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.PipelineResult;
import io.temporal.client.WorkflowFailedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Every stage, on real servers with real workers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class WholeChainIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String FIRST = "first";

  @TempDir static Path home;
  @TempDir Path folder;
  private Installation installation;
  private PipelineResult first;

  @BeforeAll
  void runTheChainOnce() throws Exception {
    installation = Installation.in(home);
    first = installation.run(FIRST, TinyRecipe.whole().profiling(2).request());
  }

  @AfterAll
  void stop() throws Exception {
    if (installation != null) {
      installation.close();
    }
  }

  @Test
  void everyStageEndsWithACommittedResult() {
    assertThat(installation.services().lineage().stages(new RunId(FIRST)))
        .hasSize(7)
        .allSatisfy(stage -> assertThat(stage.state()).isEqualTo(RunState.DONE));
    assertThat(result("curate").dataset()).isPresent();
    assertThat(result("distill").checkpoints())
        .extracting(c -> c.track().student())
        .containsExactly(Optional.of("vit"), Optional.of("convnext"));
    assertThat(result("evaluate").evaluation()).isPresent();
  }

  @Test
  void everyCheckpointReadsBackWithTheDigestsItWasCommittedWith() throws Exception {
    List<CheckpointRow> all = installation.services().lineage().checkpoints(new RunId(FIRST));
    assertThat(all).hasSizeGreaterThan(10);
    for (CheckpointRow row : all) {
      if (row.state() == CheckpointRow.State.COMMITTED) {
        assertThat(
                installation
                    .services()
                    .checkpoints()
                    .fetch(row.ref().id(), part -> true, folder.resolve(row.ref().id().hex())))
            .isNotEmpty();
      }
    }
  }

  @Test
  void aStudentsLineageReachesBackToTheSourcePictures() {
    CheckpointRef student = result("distill").checkpoint(Optional.of("convnext"));
    Ancestry up =
        installation
            .services()
            .lineage()
            .ancestry(student.id(), Ancestry.Direction.UP, Integer.MAX_VALUE, 10_000);

    assertThat(up.truncated()).isFalse();
    assertThat(up.nodes())
        .extracting(n -> n.artifact().ref().kind())
        .contains(ArtifactKind.SOURCE, ArtifactKind.DATASET);
    assertThat(up.edges())
        .extracting(Ancestry.Edge::kind)
        .contains(EdgeKind.DISTILLED_FROM, EdgeKind.INITIALISED_FROM, EdgeKind.GRAM_TEACHER);
    assertThat(up.nodes().stream().flatMap(n -> n.artifact().stage().stream()).distinct())
        .containsExactlyInAnyOrder("distill", "highres", "gram", "pretrain", "curate");
    List<CheckpointRef> gram =
        installation.services().lineage().checkpoints(track("gram")).stream()
            .map(CheckpointRow::ref)
            .toList();
    assertThat(
            up.edges().stream()
                .filter(e -> e.kind() == EdgeKind.GRAM_TEACHER)
                .filter(e -> gram.stream().anyMatch(c -> c.id().equals(e.from())))
                .map(Ancestry.Edge::to)
                .distinct())
        .as("the first Gram teacher and one for each of the two refreshes")
        .hasSize(3);
  }

  @Test
  void theEvaluationMeasuresEveryCheckpointAndHoldsThePicturesItNames() throws Exception {
    StageResult evaluated = result("evaluate");
    Sha256 id = evaluated.evaluation().orElseThrow().id();
    Map<String, Path> files =
        installation.services().artifacts().fetch(id, name -> true, folder.resolve("report"));
    EvaluationReport report =
        Payloads.mapper()
            .readValue(files.get(EvaluationReport.FILE_NAME).toFile(), EvaluationReport.class);

    assertThat(report.subjects())
        .extracting(EvaluationReport.Subject::name)
        .containsExactly(
            "pretrain",
            "gram",
            "highres",
            "distill/vit",
            "distill/convnext",
            "random weights",
            "raw pixels");
    assertThat(files.keySet())
        .containsAll(report.featureMaps().stream().flatMap(m -> m.maps().stream()).toList())
        .containsAll(
            report.retrieval().orElseThrow().grid().stream()
                .flatMap(query -> query.hits().stream())
                .map(EvaluationReport.Hit::file)
                .toList());
    assertThat(evaluated.metrics())
        .hasSizeLessThan(30)
        .extracting(Metric::name)
        .contains("pretrain.knn10.top1", "random_weights.linear.top1", "text_to_image.recall10");
    Ancestry measured =
        installation.services().lineage().ancestry(id, Ancestry.Direction.UP, 1, 100);
    assertThat(measured.edges().stream().filter(edge -> edge.from().equals(id)))
        .as("the source, five subjects (one of them the text's vision tower) and the text towers")
        .hasSize(7)
        .allSatisfy(edge -> assertThat(edge.kind()).isEqualTo(EdgeKind.EVALUATED_ON));
  }

  @Test
  void studentsShareOneTeacherForwardABatch() {
    TrackId vit = TrackId.ofStudent(new RunId(FIRST), "distill", "vit");
    LineageStore lineage = installation.services().lineage();
    List<SeriesPoint> forwards =
        lineage.series(vit).stream()
            .filter(point -> point.name().equals("teacher_forwards"))
            .toList();
    // an attempt counts from where it began: the beginning, or a checkpoint if one before it died
    List<Long> beginnings =
        Stream.concat(Stream.of(0L), lineage.checkpoints(vit).stream().map(row -> row.ref().step()))
            .toList();
    assertThat(forwards)
        .isNotEmpty()
        .allSatisfy(point -> assertThat(point.step() - (long) point.value()).isIn(beginnings));
  }

  @Test
  void probesAreRecordedAtCheckpointsOfGramAnchoring() {
    assertThat(installation.services().lineage().metrics(result("gram").checkpoints().get(0).id()))
        .extracting(m -> m.name())
        .contains("total_loss", "gram_loss", "probe.patch_similarity");
  }

  @Test
  void showsWhereTheTimeOfTheFirstStepsOfEachTrainingStageWent() throws Exception {
    JsonNode profiles = cli(0, "show", FIRST).get("profiles");

    assertThat(profiles)
        .extracting(profile -> profile.get("scope").asText())
        .containsExactlyInAnyOrder("pretrain", "gram", "highres", "distill/small", "align");
    assertThat(profiles)
        .allSatisfy(
            profile -> {
              assertThat(Path.of(profile.get("file").asText())).hasParent(home.resolve("profiles"));
              assertThat(profile.get("steps")).hasSize(2);
              assertThat(profile.get("parts").findValuesAsText("phase"))
                  .contains("data_wait", "student_forward", "losses", "backward", "optimizer");
            });
  }

  @Test
  void theSameRecipePastedIntoTheWebUiTakesEveryStageOver() throws Exception {
    TemporalUi ui = new TemporalUi(installation.services().config().uiUrl().orElseThrow());
    assertThat(ui.startPipeline("pasted", TinyRecipe.whole().request())).isEqualTo(200);

    PipelineResult second = installation.client().result(new RunId("pasted"));

    assertThat(second.stages())
        .allSatisfy(stage -> assertThat(stage.reusedFrom()).contains(FIRST))
        .extracting(StageResult::checkpoints)
        .isEqualTo(first.stages().stream().map(StageResult::checkpoints).toList());
    await()
        .atMost(Duration.ofMinutes(2))
        .untilAsserted(
            () ->
                assertThat(
                        installation
                            .services()
                            .workflows()
                            .listExecutions("DinoRun = 'pasted' AND RunStatus = 'done'"))
                    .isNotEmpty());
  }

  @Test
  void aMistypedRequestFailsAtOnceWithEveryProblemAndTheNearestName() throws Exception {
    TemporalUi ui = new TemporalUi(installation.services().config().uiUrl().orElseThrow());
    JsonNode wrong =
        JSON.readTree("{\"recipe\":\"tiny\",\"overrides\":{\"pretrain.setps\":3,\"seed\":\"x\"}}");
    assertThat(ui.startPipeline("mistyped", wrong)).isEqualTo(200);

    assertThatThrownBy(() -> installation.client().result(new RunId("mistyped")))
        .isInstanceOf(WorkflowFailedException.class)
        .cause()
        .hasMessageContaining("setps")
        .hasMessageContaining("did you mean \"steps\"?")
        .hasMessageContaining("seed");
  }

  @Test
  void groupsOfStudentsAreParallelChildren() {
    TinyRecipe recipe =
        TinyRecipe.whole().stages("curate", "pretrain", "gram", "highres", "distill");
    ArrayNode groups = (ArrayNode) recipe.stage("distill").get("groups");
    ObjectNode second = groups.get(0).deepCopy();
    second.put("name", "other");
    ArrayNode students = (ArrayNode) second.get("students");
    students.remove(1);
    ((ObjectNode) students.get(0)).put("name", "vit-too");
    groups.add(second);

    PipelineResult result = installation.run("two-groups", recipe.request());

    StageResult distilled =
        result.stages().stream().filter(s -> s.stage().equals("distill")).findFirst().orElseThrow();
    assertThat(distilled.checkpoints())
        .extracting(c -> c.track().student().orElse(""))
        .containsExactlyInAnyOrder("vit", "convnext", "vit-too");
    assertThat(
            installation
                .services()
                .workflows()
                .fetchHistory("two-groups/distill")
                .getEvents()
                .stream()
                .filter(e -> e.hasStartChildWorkflowExecutionInitiatedEventAttributes())
                .map(
                    e ->
                        e.getStartChildWorkflowExecutionInitiatedEventAttributes().getWorkflowId()))
        .hasSize(2);
    assertThat(
            installation.services().lineage().stages(new RunId("two-groups")).stream()
                .filter(s -> s.reusedFrom().isPresent())
                .map(StageRow::name))
        .containsExactly("curate", "pretrain", "gram", "highres");
  }

  @Test
  void checkpointsTrainedAgainHaveTheSameStateToTheLastBit() throws Exception {
    CheckpointRow beforeTheLastRefresh =
        installation.services().lineage().checkpoints(track("gram")).get(1);
    for (String reference :
        List.of(
            beforeTheLastRefresh.ref().id().hex(), FIRST + "/gram", FIRST + "/distill/convnext")) {
      JsonNode told = cli(0, "reproduce", reference);

      assertThat(told.get("verdict").asText()).as("%s", told).isEqualTo("identical");
      assertThat(told.get("fromStep").asLong())
          .as("it was really trained")
          .isLessThan(told.get("step").asLong());
      assertThat(
              installation
                  .services()
                  .lineage()
                  .run(new RunId(told.get("run").asText()))
                  .orElseThrow()
                  .state())
          .isEqualTo(RunState.DONE);
    }
  }

  @Test
  void aForkGoesOnFromAnOldCheckpointAndDamageInItIsNamed() throws Exception {
    CheckpointRow old = installation.services().lineage().checkpoints(track("gram")).get(1);
    JsonNode told =
        cli(0, "fork", old.ref().id().hex(), "--id", "fork", "--set", "gram.batch_size=4");
    assertThat(told.get("firstStep").asLong()).isEqualTo(old.ref().step());
    assertThat(told.get("takenOver")).extracting(JsonNode::asText).contains("curate", "pretrain");
    PipelineResult forked = installation.client().result(new RunId("fork"));

    assertThat(forked.stages()).hasSize(7);
    CheckpointRef end =
        forked.stages().stream()
            .filter(stage -> stage.stage().equals("gram"))
            .findFirst()
            .orElseThrow()
            .checkpoint(Optional.empty());
    assertThat(end.stateDigest())
        .isNotEqualTo(result("gram").checkpoint(Optional.empty()).stateDigest());
    assertThat(
            installation
                .services()
                .lineage()
                .ancestry(end.id(), Ancestry.Direction.UP, 1000, 1000)
                .edges())
        .anySatisfy(
            edge -> {
              assertThat(edge.kind()).isEqualTo(EdgeKind.PARENT);
              assertThat(edge.to()).isEqualTo(old.ref().id());
            });
    assertThat(cli(2, "fork", FIRST + "/gram", "--set", "curate.target_size=9")).isEmpty();

    assertThat(cli(0, "verify", "fork/gram").get("damaged").asInt()).isZero();
    Sha256 student = student(end);
    Path object;
    try (var files = Files.walk(home.resolve("objects"))) {
      object =
          files
              .filter(file -> file.getFileName().toString().startsWith(student.hex()))
              .findFirst()
              .orElseThrow();
    }
    byte[] bytes = Files.readAllBytes(object);
    bytes[bytes.length / 2] ^= 1;
    Files.write(object, bytes);
    JsonNode damaged = cli(1, "verify", "fork/gram");
    assertThat(damaged.get("files"))
        .filteredOn(file -> !file.get("wrong").isNull())
        .extracting(file -> file.get("name").asText())
        .containsExactly("student.safetensors");
  }

  private Sha256 student(CheckpointRef checkpoint) {
    return installation.services().checkpoints().manifest(checkpoint.id()).files().stream()
        .filter(file -> file.name().equals("student.safetensors"))
        .findFirst()
        .orElseThrow()
        .sha256();
  }

  @Test
  void everythingIsBackInAnotherHomeFromABackup() throws Exception {
    Path backup = folder.resolve("backup");
    JsonNode made = cli(0, "backup", backup.toString());
    assertThat(made.get("objects").asInt()).isGreaterThan(100);
    Path other = folder.resolve("other");
    try {
      JsonNode back = cli(other, 0, "restore", backup.toString());
      assertThat(back.get("readBack")).isEqualTo(made.get("objects"));
      assertThat(back.get("readBackDamaged").asInt()).isZero();
      assertThat(cli(other, 0, "verify", FIRST + "/distill/vit").get("damaged")).hasToString("0");
      assertThat(cli(other, 5, "restore", backup.toString())).isEmpty();
    } finally {
      Commands.execute("down", "--home", other.toString());
    }
  }

  @Test
  void gcSaysBeforehandWhatWouldGo() throws Exception {
    JsonNode told = cli(0, "gc", "--dry-run");
    assertThat(told.get("dryRun").asBoolean()).isTrue();
    assertThat(told.get("keptBlobs").asInt()).isGreaterThan(100);
    assertThat(told.get("orphans").asInt()).isZero();
  }

  /** Runs a command line against this home; its one JSON value, empty where it printed none. */
  private JsonNode cli(int code, String... arguments) throws Exception {
    return cli(home, code, arguments);
  }

  private static JsonNode cli(Path home, int code, String... arguments) throws Exception {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--json");
    String out = new Terminal(home).run(code, all.toArray(String[]::new)).out();
    return out.isBlank() ? JSON.createObjectNode() : JSON.readTree(out);
  }

  private StageResult result(String stage) {
    return first.stages().stream().filter(s -> s.stage().equals(stage)).findFirst().orElseThrow();
  }

  private static TrackId track(String stage) {
    return TrackId.of(new RunId(FIRST), stage);
  }
}
