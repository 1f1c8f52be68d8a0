package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.activity.run.RunPreview;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RecipeCommandsTest {
  @TempDir Path folder;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Path home = Path.of("");

  @BeforeEach
  void chooseAHome() {
    home = folder.resolve("home");
  }

  @Test
  void listsAndPrintsTheShippedRecipes() {
    assertThat(execute("recipe", "list")).isZero();
    assertThat(out.toString()).contains(" demo ").contains(" tiny ").contains("curate pretrain");

    out.getBuffer().setLength(0);
    assertThat(execute("recipe", "print", "tiny")).isZero();
    assertThat(out.toString()).startsWith("# The whole chain").contains("name: tiny");
  }

  @Test
  void aRecipeThatIsNotThereIsThreeAndNamesTheNearest() {
    assertThat(execute("recipe", "print", "tny")).isEqualTo(3);
    assertThat(err.toString()).contains("did you mean \"tiny\"?");
    assertThat(execute("recipe", "validate", folder.resolve("none.yaml").toString())).isEqualTo(3);
  }

  @Test
  void validateNamesEveryProblemWithItsPathAndTheNearestName() throws Exception {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(
        file,
        """
        name: mine
        seeed: 3
        stages:
          - {kind: curate, name: curate, n_clusters: [4], target_size: many}
        """);

    assertThat(execute("recipe", "validate", file.toString())).isEqualTo(2);

    assertThat(out.toString().lines())
        .anyMatch(line -> line.startsWith("seeed: ") && line.contains("did you mean \"seed\"?"))
        .anyMatch(line -> line.startsWith("stages[0].target_size: "));
    assertThat(err.toString()).contains("2 problems");
  }

  @Test
  void importsAnOfficialConfigurationToARecipeThatValidates() throws Exception {
    Path official = folder.resolve("Official Run.yaml");
    Files.writeString(
        official,
        """
        train: {batch_size_per_gpu: 8, OFFICIAL_EPOCH_LENGTH: 10, compile: true}
        student: {arch: vit_small}
        optim: {epochs: 40}
        made_up: {key: 1}
        """);

    assertThat(execute("recipe", "import", official.toString(), "--gpus", "2")).isZero();
    assertThat(out.toString()).startsWith("# Imported").contains("batch_size: 16");
    assertThat(err.toString())
        .contains("made_up.key")
        .contains("no official key that is known here")
        .contains("train.compile")
        .contains("-> batch_size")
        .contains("0.999 *")
        .contains("1 unknown");

    Path recipe = folder.resolve("recipe.yaml");
    assertThat(
            execute("recipe", "import", official.toString(), "--out", recipe.toString(), "--json"))
        .isZero();
    assertThat(execute("recipe", "validate", recipe.toString())).isZero();
    assertThat(Files.readString(recipe)).contains("name: official-run");
    assertThat(execute("recipe", "import", official.toString(), "--out", recipe.toString()))
        .as("never over a file")
        .isEqualTo(2);
  }

  @Test
  void importPrintsWhatBecameOfEveryKeyAsOneJsonValue() throws Exception {
    Path official = folder.resolve("run.yaml");
    Files.writeString(official, "optim: {epochs: 40, clip_grad: 7.5}\n");

    assertThat(execute("recipe", "import", official.toString(), "--json")).isZero();

    JsonNode answer = new ObjectMapper().readTree(out.toString());
    assertThat(answer.get("recipe").asText()).isEqualTo("run");
    assertThat(answer.get("yaml").asText()).contains("clip_grad: 7.5");
    assertThat(answer.get("keys"))
        .anyMatch(
            key ->
                key.get("key").asText().equals("optim.clip_grad")
                    && key.get("origin").asText().equals("file")
                    && key.get("fate").asText().equals("mapped"))
        .anyMatch(key -> key.get("origin").asText().equals("default"));
  }

  @Test
  void importRefusesWhatIsNoConfiguration() throws Exception {
    Path large = folder.resolve("large.yaml");
    Files.writeString(large, "#".repeat(10_000_000));
    assertThat(execute("recipe", "import", large.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("at most 1.0 MiB are read");
    Path list = folder.resolve("list.yaml");
    Files.writeString(list, "- a\n");
    assertThat(execute("recipe", "import", list.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("it is no map of keys");
    assertThat(execute("recipe", "import", folder.resolve("none.yaml").toString())).isEqualTo(3);
    assertThat(execute("recipe", "import")).isEqualTo(2);
    assertThat(execute("recipe", "import", list.toString(), "--gpus", "0")).isEqualTo(2);
  }

  @Test
  void theLargeModelsRunIsPrintedWithoutBuildingIt() {
    assertThat(execute("run", "dinov3-7b", "--dry-run")).isZero();
    assertThat(out.toString()).contains("1,000,000-1,200,000").contains("6,716,043,264");
  }

  @Test
  void validateIsContentWithARightRecipe() throws Exception {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(
        file, "name: mine\nstages:\n  - {kind: curate, name: curate, n_clusters: [4]}\n");

    assertThat(execute("recipe", "validate", file.toString())).isZero();
    assertThat(out.toString()).contains("recipe mine, 1 stages, digest ");
  }

  @Test
  void aGroupAloneIsWrongUsageAndNamesItsCommands() {
    assertThat(execute("recipe")).isEqualTo(2);
    assertThat(err.toString()).contains("list, print, validate");
  }

  @Test
  void aDryRunShowsThePlanAndStartsNothing() throws Exception {
    assertThat(execute("run", "tiny", "--dry-run", "--home", home.toString())).isZero();

    assertThat(out.toString().lines())
        .anyMatch(
            line ->
                line.matches(
                    " gram +train +curate pretrain +pretrain, then its own every 2, 2 times +12-18 +not known"))
        .anyMatch(line -> line.matches(" highres +train +curate gram +gram +4 +not known"))
        .anyMatch(line -> line.matches(" distill/convnext +[\\d,]+ +[\\d,]+ +[\\d.]+ [KM]iB +2 +2"))
        .anyMatch(line -> line.contains("the database does not run"));
    assertThat(home).doesNotExist();
  }

  @Test
  void aDryRunOfAWrongRecipeNamesEveryProblem() {
    assertThat(
            execute(
                "run", "tiny", "--dry-run", "--home", home.toString(), "--set", "pretrain.stepz=1"))
        .isEqualTo(2);
    assertThat(err.toString()).contains("pretrain.stepz").contains("did you mean \"steps\"?");
  }

  @Test
  void aDryRunSaysWhatWouldBeTakenOver() {
    RunPreview preview =
        RequestedRecipe.of(
            RunRequest.of("tiny", List.of(), Optional.empty(), RunRequest.Reuse.ALLOWED),
            new RunId("r"));
    DatasetRef shapes = new DatasetRef(ArtifactKind.SOURCE, "shapes", Rows.id("shapes"), 160);
    DryRun plan =
        DryRun.of(
            preview,
            Rows.id("digest").hex(),
            Optional.of(
                Map.of(
                    "curate", new RunPreview.Reusable(new RunId("tiny-0"), Optional.of(shapes)),
                    "pretrain", new RunPreview.Reusable(new RunId("tiny-0"), Optional.empty()))));

    assertThat(plan.lines())
        .anyMatch(
            line ->
                line.startsWith(" curate")
                    && line.endsWith(
                        "from tiny-0, if the images are still " + shapes.version().shortForm()))
        .anyMatch(line -> line.startsWith(" pretrain") && line.endsWith("from tiny-0"))
        .anyMatch(line -> line.startsWith(" gram") && line.endsWith("runs"));
  }

  @Test
  void aDryRunInJsonHasItsStagesWithTheirTracks() throws Exception {
    assertThat(execute("run", "tiny", "--dry-run", "--json", "--home", home.toString())).isZero();

    JsonNode plan = new ObjectMapper().readTree(out.toString());
    assertThat(plan.get("stages").findValuesAsText("stage")).contains("pretrain", "evaluate");
    assertThat(plan.get("reuseKnown").asBoolean()).isFalse();
    assertThat(plan.get("stages").get(1).get("tracks").get(0).get("checkpoints").asInt())
        .isEqualTo(3);
  }

  private int execute(String... arguments) {
    return Commands.commandLine()
        .setOut(new PrintWriter(out, true))
        .setErr(new PrintWriter(err, true))
        .execute(arguments);
  }
}
