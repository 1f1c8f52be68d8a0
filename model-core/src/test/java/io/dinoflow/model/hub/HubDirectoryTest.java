package io.dinoflow.model.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.recipe.BackboneFamily;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.weights.ElementType;
import io.dinoflow.model.weights.StoredTensor;
import io.dinoflow.model.weights.TensorDraft;
import io.dinoflow.model.weights.TensorFile;
import io.dinoflow.model.weights.TensorWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models come in and go out without a bit of a tensor changing. */
class HubDirectoryTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final BackboneRecipe SMALL =
      TinyModels.vit("mlp", 4, "layernormbf16", true, true, false);

  @TempDir private Path folder;
  private Path hub = Path.of("");

  @BeforeEach
  void names() {
    hub = folder.resolve("hub");
  }

  private static HubExport.Model model(BackboneRecipe backbone, Path weights) {
    return new HubExport.Model(
        backbone,
        Preprocessing.IMAGENET.withSide(48),
        weights,
        "c1",
        Map.of("step", "12"),
        "# a model\n");
  }

  static List<BackboneRecipe> forms() {
    return TinyModels.all();
  }

  @ParameterizedTest
  @MethodSource("forms")
  void whatGoesOutComesBackAsItWas(BackboneRecipe backbone) throws IOException {
    Path official = TinyModels.official(backbone, folder.resolve("official.safetensors"));
    HubExport.write(model(backbone, official), hub);
    ForeignModel read = HubDirectory.read(hub);

    assertThat(HubConfig.sameNetwork(read.backbone(), backbone)).isTrue();
    assertThat(read.preprocessing()).isEqualTo(Preprocessing.IMAGENET.withSide(48));
    Path back = folder.resolve("back.safetensors");
    read.writeWeights(back, "teacher.safetensors");
    Map<String, String> expected = TinyModels.contents(official);
    expected.keySet().removeIf(name -> name.startsWith("local_cls_norm."));
    assertThat(TinyModels.contents(back)).isEqualTo(expected);

    Path again = folder.resolve("again");
    HubExport.write(model(read.backbone(), back), again);
    assertThat(Files.readAllBytes(again.resolve("model.safetensors")))
        .isEqualTo(Files.readAllBytes(hub.resolve("model.safetensors")));
    assertThat(Files.readString(again.resolve("config.json")))
        .isEqualTo(Files.readString(hub.resolve("config.json")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hf_vit_mlp", "hf_vit_gated", "hf_convnext"})
  void aDirectoryOfTheOtherLibraryMakesTheRoundTrip(String name) throws IOException {
    Path given = Golden.path(name + "/config.json").getParent();
    ForeignModel read = HubDirectory.read(given);
    Path official = folder.resolve("official.safetensors");
    read.writeWeights(official, "teacher.safetensors");
    HubExport.write(model(read.backbone(), official), hub);
    assertThat(TinyModels.contents(hub.resolve("model.safetensors")))
        .isEqualTo(TinyModels.contents(given.resolve("model.safetensors")))
        .isNotEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"BF16", "F16"})
  void aDirectoryOfSixteenBitsMakesTheRoundTripByteForByte(ElementType type) throws IOException {
    Path official = TinyModels.official(SMALL, folder.resolve("official.safetensors"));
    HubExport.write(model(SMALL, official), hub);
    Path weights = hub.resolve("model.safetensors");
    sixteenBits(weights, type);
    byte[] given = Files.readAllBytes(weights);

    ForeignModel read = HubDirectory.read(hub);
    Path part = folder.resolve("teacher.safetensors");
    read.writeWeights(part, "teacher.safetensors");
    assertThat(TensorFile.read(part).tensors())
        .extracting(StoredTensor::type)
        .containsOnly(ElementType.F32);
    Path again = folder.resolve("again");
    HubExport.write(model(read.backbone(), part), again);
    assertThat(Files.readAllBytes(again.resolve("model.safetensors"))).isEqualTo(given);
    assertThat(JSON.readTree(again.resolve("config.json").toFile()).get("dtype").asText())
        .isEqualTo(type == ElementType.BF16 ? "bfloat16" : "float16");
  }

  /** Any bits make a number, so these need not mean anything. */
  private void sixteenBits(Path weights, ElementType type) throws IOException {
    List<TensorDraft> drafts = new ArrayList<>();
    for (StoredTensor tensor : TensorFile.read(weights).tensors()) {
      ByteBuffer floats =
          ByteBuffer.wrap(
                  Files.readAllBytes(weights),
                  Math.toIntExact(tensor.position()),
                  Math.toIntExact(tensor.bytes()))
              .slice()
              .order(ByteOrder.LITTLE_ENDIAN);
      int elements = Math.toIntExact(tensor.bytes() / Float.BYTES);
      ByteBuffer narrow =
          ByteBuffer.allocate(elements * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < elements; i++) {
        int bits = floats.getInt(Float.BYTES * i);
        narrow.putShort((short) (type == ElementType.BF16 ? bits >>> 16 : bits));
      }
      Path raw = Files.write(folder.resolve("raw-" + drafts.size()), narrow.array());
      drafts.add(
          new TensorDraft(
              tensor.name(),
              type,
              tensor.shape(),
              List.of(new TensorDraft.Stretch(raw, 0, narrow.capacity()))));
    }
    TensorWriter.write(weights, "model.safetensors", drafts, TensorWriter.PLAIN);
  }

  @Test
  void aModelWithoutStorageTokensHasAnEmptyTensorForThem() throws IOException {
    BackboneRecipe none = TinyModels.withoutStorage();
    HubExport.write(
        model(none, TinyModels.official(none, folder.resolve("official.safetensors"))), hub);
    StoredTensor registers =
        TensorFile.read(hub.resolve("model.safetensors"))
            .find("embeddings.register_tokens")
            .orElseThrow();
    assertThat(registers.shape()).containsExactly(1L, 0L, 24L);
  }

  @Test
  void theFamilyComesBackFromItsConfigurations() {
    for (String name : BackboneFamily.names()) {
      BackboneRecipe recipe = BackboneFamily.find(name).orElseThrow();
      BackboneRecipe read = HubConfig.read(HubConfig.write(recipe, 224)).backbone();
      assertThat(HubConfig.sameNetwork(read, recipe)).as(name).isTrue();
      for (String other : BackboneFamily.names()) {
        assertThat(HubConfig.sameNetwork(read, BackboneFamily.find(other).orElseThrow()))
            .isEqualTo(other.equals(name));
      }
    }
  }

  @Test
  void shardsAreReadAsTheirIndexSays() throws IOException {
    Path official = TinyModels.official(SMALL, folder.resolve("official.safetensors"));
    HubExport.write(model(SMALL, official), hub);
    Path single = hub.resolve("model.safetensors");
    List<StoredTensor> tensors = TensorFile.read(single).tensors();
    ObjectNode index = JSON.createObjectNode();
    ObjectNode map = index.putObject("weight_map");
    Path copy = Files.move(single, folder.resolve("whole.safetensors"));
    for (int shard = 0; shard < 2; shard++) {
      String file = "model-0000%d-of-00002.safetensors".formatted(shard + 1);
      int own = shard;
      List<TensorDraft> drafts =
          TensorFile.read(copy).tensors().stream()
              .filter(t -> tensors.indexOf(sameName(tensors, t)) % 2 == own)
              .map(t -> TensorDraft.renamed(t, t.name()))
              .toList();
      drafts.forEach(d -> map.put(d.name(), file));
      TensorWriter.write(hub.resolve(file), file, drafts, TensorWriter.PLAIN);
    }
    Path indexFile = hub.resolve("model.safetensors.index.json");
    JSON.writeValue(indexFile.toFile(), index);

    ForeignModel read = HubDirectory.read(hub);
    Path back = folder.resolve("back.safetensors");
    read.writeWeights(back, "teacher.safetensors");
    assertThat(TinyModels.contents(back)).isEqualTo(TinyModels.contents(official));
    assertThat(read.files()).hasSize(5);

    map.put("cls_token", "../evil.safetensors");
    JSON.writeValue(indexFile.toFile(), index);
    assertThatThrownBy(() -> HubDirectory.read(hub)).hasMessageContaining("no file of the folder");
    map.remove("cls_token");
    map.put("norm.weight", "model-00003-of-00002.safetensors");
    JSON.writeValue(indexFile.toFile(), index);
    assertThatThrownBy(() -> HubDirectory.read(hub)).isInstanceOf(UnsupportedModelException.class);
  }

  private static StoredTensor sameName(List<StoredTensor> tensors, StoredTensor wanted) {
    return tensors.stream().filter(t -> t.name().equals(wanted.name())).findFirst().orElseThrow();
  }

  private void refusedWith(Consumer<ObjectNode> change, String... words) throws IOException {
    refused("config.json", HubConfig.write(SMALL, 48), change, words);
  }

  private void refused(String file, ObjectNode json, Consumer<ObjectNode> change, String... words)
      throws IOException {
    change.accept(json);
    Files.writeString(hub.resolve(file), json.toString());
    assertThatThrownBy(() -> HubDirectory.read(hub))
        .isInstanceOf(UnsupportedModelException.class)
        .hasMessageContainingAll(words);
  }

  @Test
  void settingsThatCannotBeHonouredAreRefusedByName() throws IOException {
    HubExport.write(
        model(SMALL, TinyModels.official(SMALL, folder.resolve("official.safetensors"))), hub);
    refusedWith(c -> c.put("model_type", "vit"), "model_type \"vit\"", "dinov3_vit");
    refusedWith(c -> c.put("hidden_act", "relu"), "\"hidden_act\" is \"relu\", must be gelu");
    refusedWith(c -> c.put("attention_dropout", 0.1), "\"attention_dropout\" is 0.1, must be 0");
    refusedWith(c -> c.put("layer_norm_eps", 1e-12), "\"layer_norm_eps\"");
    refusedWith(c -> c.put("num_channels", 4), "\"num_channels\" is 4, must be 3");
    refusedWith(c -> c.put("value_bias", false), "\"value_bias\" is false, must be true");
    refusedWith(c -> c.put("mlp_bias", false), "\"mlp_bias\"");
    refusedWith(c -> c.put("flash", true), "\"flash\" (true) is not known");
    refusedWith(
        c -> c.put("proj_bias", false).put("hidden_size", "wide"),
        "\"proj_bias\" is false",
        "\"hidden_size\" is \"wide\", must be a whole number");
    refusedWith(c -> c.putArray("patch_size").add(4).add(8), "\"patch_size\" is [4,8]");
    refusedWith(c -> c.put("num_attention_heads", 5), "embed_dim is 24, must be a multiple of 5");
    refusedWith(c -> c.put("use_gated_mlp", true), "\"hidden_act\" is \"gelu\", must be silu");
    Files.writeString(hub.resolve("config.json"), HubConfig.write(SMALL, 48).toString());
    ObjectNode processor = HubPreprocessor.write(Preprocessing.IMAGENET);
    String file = "preprocessor_config.json";
    refused(file, processor.deepCopy(), p -> p.put("resample", 3), "\"resample\" is 3");
    refused(file, processor.deepCopy(), p -> p.put("do_resize", false), "\"do_resize\"");
    refused(
        file,
        processor.deepCopy(),
        p -> p.putObject("size").put("shortest_edge", 224),
        "\"size\"",
        "equal height and width");
    refused(file, processor.deepCopy(), p -> p.putArray("image_std").add(0), "three numbers");
  }

  @Test
  void tensorsThatAreMissingOrTooManyAreAllNamed() throws IOException {
    Path official = TinyModels.official(SMALL, folder.resolve("official.safetensors"));
    HubExport.write(model(SMALL, official), hub);
    Path weights = hub.resolve("model.safetensors");
    Path source = Files.copy(weights, folder.resolve("source.safetensors"));
    List<TensorDraft> changed =
        TensorFile.read(source).tensors().stream()
            .filter(t -> !t.name().equals("layer.1.attention.v_proj.weight"))
            .map(t -> TensorDraft.renamed(t, t.name().equals("norm.bias") ? "norm.bais" : t.name()))
            .toList();
    TensorWriter.write(weights, "model.safetensors", changed, TensorWriter.PLAIN);
    assertThatThrownBy(() -> HubDirectory.read(hub))
        .hasMessageContaining("\"layer.1.attention.v_proj.weight\" is missing")
        .hasMessageContaining("\"norm.bias\" is missing")
        .hasMessageContaining("\"norm.bais\" belongs to nothing");

    Files.copy(source, weights, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    refusedWith(
        c -> c.put("hidden_size", 48),
        "\"embeddings.cls_token\" has shape [1, 1, 24], must have [1, 1, 48]",
        "and ",
        " more");
  }

  @Test
  void officialFilesComeInByTheNameOfTheirArchitecture() throws IOException {
    BackboneRecipe tiny = BackboneFamily.find("convnext_tiny").orElseThrow();
    Path file = folder.resolve("tiny.safetensors");
    assertThatThrownBy(() -> OfficialFile.read(file, "convnext_tinny"))
        .hasMessageContaining("did you mean \"convnext_tiny\"?");
    Path other = TinyModels.official(SMALL, file);
    assertThatThrownBy(() -> OfficialFile.read(other, "vits16"))
        .hasMessageContaining("\"cls_token\" has shape [1, 1, 24], must have [1, 1, 384]")
        .hasMessageContaining("and 163 more");
    List<TensorDraft> zeros =
        io.dinoflow.model.nn.Backbones.of(tiny).parameters().stream()
            .map(
                p ->
                    new TensorDraft(
                        "backbone." + p.name(),
                        io.dinoflow.model.weights.ElementType.BF16,
                        p.shape(),
                        List.of(new TensorDraft.Zeros(2 * p.size()))))
            .toList();
    TensorWriter.write(file, "x", zeros, TensorWriter.PLAIN);
    ForeignModel read = OfficialFile.read(file, "convnext_tiny");
    assertThat(read.backbone()).isEqualTo(tiny);
    assertThat(read.weights()).hasSize(zeros.size());
  }

  @Test
  void aFolderIsReplacedOnlyByTheSameCheckpoint() throws IOException {
    Path official = TinyModels.official(SMALL, folder.resolve("official.safetensors"));
    Files.createDirectories(hub);
    HubExport.Model model = model(SMALL, official);
    HubExport.write(model, hub);
    Files.writeString(hub.resolve("README.md"), "changed");
    HubExport.write(model, hub);
    assertThat(hub.resolve("README.md")).hasContent("# a model");
    HubExport.Model another =
        new HubExport.Model(SMALL, Preprocessing.IMAGENET, official, "c2", Map.of(), "# another\n");
    assertThatThrownBy(() -> HubExport.write(another, hub))
        .hasMessageContaining("holds the export of another checkpoint, c1");
    Path notes = Files.createDirectories(folder.resolve("notes"));
    Files.writeString(notes.resolve("todo.txt"), "keep me");
    assertThatThrownBy(() -> HubExport.write(model, notes))
        .hasMessageContaining("holds no former export");
    assertThat(notes.resolve("todo.txt")).hasContent("keep me");
    try (var left = Files.list(folder)) {
      assertThat(left.map(f -> f.getFileName().toString()).filter(n -> n.startsWith(".hub")))
          .isEmpty();
    }
  }

  @Test
  void whatTheOtherLibraryCannotRunIsNotExported() throws IOException {
    BackboneRecipe rms = TinyModels.vit("mlp", 4, "rmsnorm", true, true, false);
    Path official = TinyModels.official(rms, folder.resolve("official.safetensors"));
    assertThatThrownBy(() -> HubExport.write(model(rms, official), hub))
        .hasMessageContaining("norm_layer rmsnorm has no form in Hugging Face's dinov3_vit");
    assertThat(hub).doesNotExist();
  }
}
