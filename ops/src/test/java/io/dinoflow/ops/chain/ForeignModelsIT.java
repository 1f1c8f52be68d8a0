package io.dinoflow.ops.chain;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.testing.Installation;
import io.dinoflow.ops.testing.PythonTransformers;
import io.dinoflow.ops.testing.Terminal;
import io.dinoflow.ops.testing.TinyRecipe;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.workflow.api.PipelineResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Models go out to transformers, come in from outside, and teach. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ForeignModelsIT {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final String PIXELS =
      """
      import torch, sys
      from safetensors.torch import save_file
      torch.manual_seed(1)
      save_file({"pixel_values": torch.randn(5, 3, 64, 96)}, sys.argv[1])
      """;
  private static final String DIFFERENCE =
      """
      import torch, sys
      from safetensors.torch import load_file
      from transformers import AutoModel
      model, info = AutoModel.from_pretrained(sys.argv[1], output_loading_info=True)
      assert not info["missing_keys"] and not info["unexpected_keys"], info
      with torch.no_grad():
          hidden = model.eval()(pixel_values=load_file(sys.argv[2])["pixel_values"]).last_hidden_state
      ours = load_file(sys.argv[3])
      tokens = torch.cat([ours["cls"][:, None], ours["storage"], ours["patches"]], 1)
      assert tokens.shape == hidden.shape, (tokens.shape, hidden.shape)
      print((tokens - hidden).abs().max().item())
      """;

  @TempDir static Path home;
  @TempDir Path folder;
  private Installation installation;

  @BeforeAll
  void trainStudents() throws Exception {
    installation = Installation.in(home);
    installation.run(
        "made",
        TinyRecipe.whole().stages("curate", "pretrain", "gram", "highres", "distill").request());
  }

  @AfterAll
  void stop() throws Exception {
    if (installation != null) {
      installation.close();
    }
  }

  private String dinoflow(int code, String... arguments) {
    return new Terminal(home).dinoflow(code, arguments);
  }

  @Test
  void transformersGivesTheFeaturesThatEmbedGives() throws Exception {
    PythonTransformers python = PythonTransformers.orSkip();
    for (String student : List.of("vit", "convnext")) {
      Path model = folder.resolve(student);
      Path pixels = folder.resolve("pixels.safetensors");
      Path features = folder.resolve(student + ".safetensors");
      python.run(PIXELS, folder, pixels.toString());
      dinoflow(0, "export", "made/distill/" + student, model.toString());
      dinoflow(
          0,
          "embed",
          "--model",
          "made/distill/" + student,
          "--raw",
          pixels.toString(),
          "--out",
          features.toString(),
          "--batch-size",
          "2");
      String difference =
          python.run(DIFFERENCE, folder, model.toString(), pixels.toString(), features.toString());
      assertThat(Double.parseDouble(difference.strip())).as(student).isLessThan(1e-4);
    }
  }

  @Test
  void aDirectoryIsImportedOnceAndTeaches() throws Exception {
    Path model = folder.resolve("teacher");
    dinoflow(0, "export", "made/highres", model.toString());
    JsonNode once = JSON.readTree(dinoflow(0, "import", "hf", model.toString(), "--json"));
    JsonNode twice = JSON.readTree(dinoflow(0, "import", "hf", model.toString(), "--json"));
    assertThat(twice).isEqualTo(once);
    TrackId track = TrackId.of(new RunId("import-teacher"), "imported");
    assertThat(installation.services().lineage().checkpoints(track))
        .singleElement()
        .satisfies(c -> assertThat(c.state()).isEqualTo(CheckpointRow.State.COMMITTED));

    Path other = folder.resolve("other");
    dinoflow(0, "export", "made/pretrain", other.toString());
    assertThat(dinoflow(5, "import", "hf", other.toString(), "--name", "teacher"))
        .contains("another model was imported as \"teacher\"");

    PipelineResult taught = installation.run("taught", taught().request());
    CheckpointRow student =
        installation.services().lineage().checkpoints(new RunId("taught")).stream()
            .filter(row -> row.ref().track().stage().equals("adapt"))
            .findFirst()
            .orElseThrow();
    Ancestry up =
        installation
            .services()
            .lineage()
            .ancestry(student.ref().id(), Ancestry.Direction.UP, 100, 1000);
    assertThat(up.edges())
        .anySatisfy(
            edge -> {
              assertThat(edge.kind()).isEqualTo(EdgeKind.INITIALISED_FROM);
              assertThat(edge.to().hex()).isEqualTo(once.get("checkpoint").asText());
            })
        .anySatisfy(edge -> assertThat(edge.kind()).isEqualTo(EdgeKind.IMPORTED));
    assertThat(taught.stages().get(taught.stages().size() - 1).metrics())
        .extracting(m -> m.name())
        .contains("model.knn10.top1", "adapt.knn10.top1");
  }

  /** An imported model is measured, adapted with fresh heads, and aligned with text. */
  private static TinyRecipe taught() {
    TinyRecipe recipe =
        TinyRecipe.whole().stages("curate", "pretrain", "highres", "align", "evaluate");
    ObjectNode adapt = recipe.stage("highres");
    ObjectNode imported = recipe.stage("pretrain");
    ObjectNode start = (ObjectNode) imported.get("start").deepCopy();
    imported.removeAll();
    imported.put("kind", "import").put("name", "model").put("from", "teacher");
    start.remove("kind");
    imported.setAll(start);
    imported.put("image_size", 48);
    adapt.put("name", "adapt");
    adapt.withObjectProperty("start").put("from", "model");
    adapt.withObjectProperty("gram").put("from", "model");
    recipe.with("align", "vision", "model");
    return recipe.with("evaluate", "subjects", List.of("model", "adapt"));
  }

  @Test
  void picturesThatCannotBeDecodedAreNamedAndLeftOut() throws Exception {
    Path model = folder.resolve("model");
    dinoflow(0, "export", "made/pretrain", model.toString());
    Path pictures = Files.createDirectories(folder.resolve("pictures"));
    java.awt.image.BufferedImage image =
        new java.awt.image.BufferedImage(40, 30, java.awt.image.BufferedImage.TYPE_INT_RGB);
    javax.imageio.ImageIO.write(image, "png", pictures.resolve("a.png").toFile());
    Files.writeString(pictures.resolve("b.png"), "no picture");
    Path out = folder.resolve("features.safetensors");
    String said =
        dinoflow(
            1,
            "embed",
            "--model",
            model.toString(),
            "--images",
            pictures.toString(),
            "--out",
            out.toString());
    assertThat(said).contains("left out b.png: ").contains("1 rows in ");
    assertThat(io.dinoflow.model.weights.TensorFile.read(out).metadata())
        .containsEntry("keys", "[\"a.png\"]")
        .containsEntry("image_size", "32");
  }
}
