package io.dinoflow.ops.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.testing.Installation;
import io.dinoflow.ops.testing.QuietSchedules;
import io.dinoflow.ops.testing.Terminal;
import io.dinoflow.ops.testing.TinyRecipe;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainRequest;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model that is retrained by schedules on everything that is real. */
class RetrainingIT {
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final String MODEL = "colours";
  private static final String CHAMPION = "champion";

  @TempDir Path home;
  @TempDir Path pictures;

  @Test
  void trainsGatesAsksPromotesSkipsRefusesAWorseChallengerAndRollsBack() throws Exception {
    try (Installation installation = Installation.in(home)) {
      Schedules schedules = new Schedules(installation.services().workflows());
      picturesUpTo(40);
      create(schedules, "asks", TinyPipeline.GOOD, "ask", "champion");

      // the first model: nothing to compare it with
      Firing first = fired(installation, schedules, "asks", 1, Firing.Outcome.ASKED);
      assertThat(first.reason()).contains("there is no champion yet");
      assertThat(first.reason()).contains("passes the gate and waits for an answer");
      assertThat(
              dinoflow(0, "schedule", "decide", first.run().value(), "--approve", "--why", "1st"))
          .isEqualTo(
              "%s: it is promoted; `dinoflow why %s` has the record\n"
                  .formatted(first.run(), first.run()));
      first = settled(installation, "asks", Firing.Outcome.PROMOTED);
      assertThat(
              dinoflow(5, "schedule", "decide", first.run().value(), "--reject", "--why", "late"))
          .contains("nothing is asked about run %s any more".formatted(first.run()), "1st");
      ModelVersion one = serving(installation);
      assertThat(one.checkpoint().track().run()).isEqualTo(first.run());

      // nothing new
      Firing idle = fired(installation, schedules, "asks", 2, Firing.Outcome.SKIPPED);
      assertThat(idle.reason()).contains("0 of 40 samples are new", "5 are needed");

      // new pictures: goes on from the champion, measured beside it on the same ones
      picturesUpTo(50);
      create(schedules, "auto", TinyPipeline.GOOD, "auto", "champion");
      Firing second = fired(installation, schedules, "auto", 1, Firing.Outcome.PROMOTED);
      assertThat(second.numbers())
          .containsKeys("knn10.top1", "knn10.top1.champion", "knn10.top1.band_low")
          .containsEntry("knn10.top1.pictures", 50.0);
      ModelVersion two = serving(installation);
      assertThat(two.checkpoint().track().run()).isEqualTo(second.run());
      assertThat(begunWith(installation, two))
          .as("lineage reaches the champion through the first checkpoint's edge")
          .containsExactly(one.checkpoint().id());
      assertThat(installation.services().lineage().run(second.run()).orElseThrow().recipeJson())
          .contains("from_checkpoint", one.checkpoint().id().hex());
      assertThat(shardsKept(installation, two))
          .as("the union names the shards that the first run was trained on")
          .isTrue();

      // what began with a champion begins with the same bytes again, whatever was collected
      assertThat(dinoflow(0, "gc")).isNotBlank();
      assertThat(dinoflow(0, "reproduce", firstOf(installation, two).hex()))
          .contains("from step 0", "identical: the state digest is");

      // a challenger that sees almost nothing
      picturesUpTo(56);
      create(schedules, "blind", TinyPipeline.BLIND, "auto", "scratch");
      Firing worse = fired(installation, schedules, "blind", 1, Firing.Outcome.REFUSED);
      assertThat(worse.reason()).contains("fails: knn10.top1 >= champion");
      assertThat(worse.numbers().get("knn10.top1.band_high")).isNegative();
      assertThat(serving(installation).version()).isEqualTo(two.version());
      // and the same question is not asked again
      assertThat(fired(installation, schedules, "blind", 2, Firing.Outcome.SKIPPED).reason())
          .contains("trained on just these and refused");

      // a schedule that could only fail at night is not made
      assertThat(
              dinoflow(
                  2,
                  "schedule",
                  "create",
                  "wide",
                  "--recipe",
                  "tiny",
                  "--every",
                  "1d",
                  "--dataset",
                  pictures.toString(),
                  "--model",
                  MODEL,
                  "--from",
                  "champion",
                  "--set",
                  "pretrain.start.student.depth=3"))
          .contains("error: the schedule cannot go on from the champion")
          .contains("version %d of colours".formatted(two.version()))
          .contains("start.student.depth: ", " -> 3", "or leave out --from");

      // one command away
      installation
          .services()
          .models()
          .rollback(MODEL, CHAMPION, new Promotion.Decision("ada", "it was wrong", Map.of()));
      assertThat(serving(installation).checkpoint().track().run()).isEqualTo(first.run());
      assertThat(schedules.story("blind").firings()).hasSize(2);
      assertThat(installation.services().models().history(MODEL))
          .extracting(Promotion::alias)
          .contains(CHAMPION, "challenger");

      // a champion of another domain and task beside it
      String tiles = "satellite/segmentation";
      dinoflow(0, "promote", MODEL, "" + two.version(), "--alias", tiles, "--why", "tiles");
      assertThat(installation.services().models().find(MODEL, tiles))
          .map(ModelVersion::version)
          .contains(two.version());
      assertThat(serving(installation).version()).isEqualTo(one.version());
      assertThat(dinoflow(5, "rollback", MODEL, "--alias", tiles, "--why", "no"))
          .contains(tiles + " of colours cannot be rolled back");
    }
  }

  /** What the runs train. */
  private enum TinyPipeline {
    GOOD,
    /** Divides pictures by so much that all of them look the same. */
    BLIND;

    JsonNode request() {
      TinyRecipe recipe =
          TinyRecipe.whole()
              .stages("curate", "pretrain", "evaluate")
              .with("curate", "n_clusters", List.of(4, 2))
              .with("curate", "target_size", 0)
              .with("curate", "retrieval_size", 0)
              .with("curate", "shard_bytes", 20_000)
              .with("evaluate", "subjects", List.of("pretrain"))
              .with("evaluate", "text", "")
              .with("evaluate", "linear_epochs", 0);
      if (this == BLIND) {
        recipe.with("pretrain", "crops.rgb_std", List.of(1e12, 1e12, 1e12));
      }
      return recipe.request();
    }
  }

  private void create(
      Schedules schedules, String name, TinyPipeline pipeline, String promote, String from) {
    schedules.create(
        new Schedules.Draft(
            name,
            "tiny",
            new RetrainRequest(
                name,
                pipeline.request(),
                false,
                Optional.of(pictures.toString()),
                Optional.of(MODEL),
                Optional.empty(),
                Optional.empty(),
                Optional.of(5L),
                Optional.of("knn10.top1 >= champion"),
                Optional.of(promote),
                Optional.of(1),
                Optional.of(from)),
            Schedules.Times.every(QuietSchedules.NEVER),
            Schedules.Policy.STANDARD));
  }

  private static Firing fired(
      Installation installation,
      Schedules schedules,
      String name,
      int count,
      Firing.Outcome outcome) {
    QuietSchedules.awaitIdle(installation.services().workflows(), name);
    schedules.trigger(name);
    await()
        .atMost(LONGEST)
        .until(() -> installation.services().firings().of(name, 10).size() == count);
    return settled(installation, name, outcome);
  }

  private static Firing settled(Installation installation, String name, Firing.Outcome outcome) {
    await()
        .atMost(LONGEST)
        .untilAsserted(
            () ->
                assertThat(installation.services().firings().of(name, 10).get(0))
                    .satisfies(
                        firing ->
                            assertThat(firing.outcome()).as(firing.reason()).isEqualTo(outcome)));
    return installation.services().firings().of(name, 10).get(0);
  }

  private String dinoflow(int code, String... arguments) {
    return new Terminal(home).dinoflow(code, arguments);
  }

  private static ModelVersion serving(Installation installation) {
    return installation.services().models().find(MODEL, CHAMPION).orElseThrow();
  }

  /** The first checkpoint of the model's track: none of its own is before it. */
  private static Sha256 firstOf(Installation installation, ModelVersion version) {
    return installation
        .services()
        .lineage()
        .checkpoints(version.checkpoint().track())
        .get(0)
        .ref()
        .id();
  }

  /** What the first checkpoint of the model's track began with. */
  private static List<Sha256> begunWith(Installation installation, ModelVersion version) {
    return installation
        .services()
        .lineage()
        .ancestry(version.checkpoint().id(), Ancestry.Direction.UP, 20, 1000)
        .edges()
        .stream()
        .filter(edge -> edge.kind() == EdgeKind.INITIALISED_FROM)
        .map(Ancestry.Edge::to)
        .distinct()
        .toList();
  }

  /** Whether the newest source dataset above the model has every shard of the one before it. */
  private static boolean shardsKept(Installation installation, ModelVersion version) {
    List<Ancestry.Edge> edges =
        installation
            .services()
            .lineage()
            .ancestry(version.checkpoint().id(), Ancestry.Direction.UP, 20, 1000)
            .edges();
    List<Sha256> datasets =
        edges.stream()
            .filter(edge -> edge.kind() == EdgeKind.DATASET)
            .map(Ancestry.Edge::to)
            .distinct()
            .toList();
    Ancestry.Edge grown =
        edges.stream()
            .filter(edge -> edge.kind() == EdgeKind.DATASET)
            .filter(edge -> datasets.contains(edge.from()))
            .filter(edge -> isSource(installation, edge.from()))
            .findFirst()
            .orElseThrow();
    return shards(installation, grown.from()).containsAll(shards(installation, grown.to()))
        && shards(installation, grown.to()).size() > 1;
  }

  private static boolean isSource(Installation installation, Sha256 dataset) {
    return installation.services().lineage().dataset(dataset).orElseThrow().kind()
        == io.dinoflow.model.artifact.ArtifactKind.SOURCE;
  }

  private static List<Sha256> shards(Installation installation, Sha256 dataset) {
    return installation.services().artifacts().manifest(dataset).files().stream()
        .filter(file -> file.name().endsWith(".tar"))
        .map(file -> file.sha256())
        .toList();
  }

  /** Two classes, told apart by their colour. */
  private void picturesUpTo(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      String colour = i % 2 == 0 ? "red" : "blue";
      Path file = pictures.resolve(colour).resolve("%03d.png".formatted(i));
      if (!Files.exists(file)) {
        Files.createDirectories(file.getParent());
        ImageIO.write(picture(i), "png", file.toFile());
      }
    }
  }

  private static BufferedImage picture(int index) {
    Random random = new Random(index);
    BufferedImage image = new BufferedImage(48, 48, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < 48; y++) {
      for (int x = 0; x < 48; x++) {
        int strong = 150 + random.nextInt(100);
        int weak = random.nextInt(100);
        image.setRGB(
            x,
            y,
            index % 2 == 0 ? strong << 16 | weak << 8 | weak : weak << 16 | weak << 8 | strong);
      }
    }
    return image;
  }
}
