package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.HuggingFaceLayout;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models as Hugging Face stores them: names both ways, forwards, and a ConvNeXt's gradients. */
@GoldenFixture({"hf_vit_mlp", "hf_vit_gated", "hf_convnext", "hf_name_mapping"})
@OwnGoldens
class HuggingFaceModelsNumericsTest {

  @ParameterizedTest
  @ValueSource(strings = {"hf_vit_mlp", "hf_vit_gated"})
  void aTransformerGivesTheTokensOfTheOtherImplementation(String model) {
    try (Golden golden = Golden.open(model + "/expected");
        Golden file = Golden.openFile(model + "/model.safetensors");
        TensorScope scope = TensorScope.under(golden.manager())) {
      VisionTransformer vit = new VisionTransformer(transformer(Golden.json(model + "/config")));
      StateDict weights = HuggingFaceLayout.toOfficial(scope, file.tensors());
      roundTrip(golden, file, scope, weights, vit);
      NDArray square = golden.tensor("square.pixel_values");
      compare(golden, scope, "square", vit.forward(scope, weights, square, Pass.eval()));
      NDArray rectangle = golden.tensor("rect.pixel_values");
      compare(golden, scope, "rect", vit.forward(scope, weights, rectangle, Pass.eval()));
      Pass masked = Pass.eval().masked(golden.mask("masked.bool_masked_pos"));
      compare(golden, scope, "masked", vit.forward(scope, weights, square, masked));
    }
  }

  private static BackboneRecipe.Vit transformer(JsonNode config) {
    boolean gated = config.get("use_gated_mlp").asBoolean();
    double ratio =
        config.get("intermediate_size").asDouble() / config.get("hidden_size").asDouble();
    return new BackboneRecipe.Vit(
        config.get("patch_size").asInt(),
        config.get("hidden_size").asInt(),
        config.get("num_hidden_layers").asInt(),
        config.get("num_attention_heads").asInt(),
        gated ? 1.5 * ratio : ratio,
        gated ? "swiglu" : "mlp",
        config.get("layer_norm_eps").asDouble() < 5e-6 ? "layernorm" : "layernormbf16",
        config.get("num_register_tokens").asInt(),
        config.get("layerscale_value").asDouble(),
        config.get("drop_path_rate").asDouble(),
        config.get("query_bias").asBoolean(),
        !config.get("key_bias").asBoolean(),
        false,
        false,
        config.get("rope_theta").asDouble(),
        0,
        0,
        0);
  }

  @Test
  void aConvNextGivesTheTokensStagesAndGradientsOfTheOfficialCode() {
    try (Golden golden = Golden.open("hf_convnext/expected");
        Golden file = Golden.openFile("hf_convnext/model.safetensors");
        TensorScope scope = TensorScope.under(golden.manager())) {
      JsonNode config = Golden.json("hf_convnext/config");
      ConvNext net =
          new ConvNext(
              new BackboneRecipe.ConvNext(
                  numbers(config.get("depths")),
                  numbers(config.get("hidden_sizes")),
                  config.get("drop_path_rate").asDouble(),
                  config.get("layer_scale_init_value").asDouble()));
      StateDict weights = HuggingFaceLayout.toOfficial(scope, file.tensors());
      roundTrip(golden, file, scope, weights, net);
      NDArray square = golden.tensor("square.pixel_values");
      NDArray rectangle = golden.tensor("rect.pixel_values");
      compare(golden, scope, "square", net.forward(scope, weights, square, Pass.eval()));
      compare(golden, scope, "rect", net.forward(scope, weights, rectangle, Pass.eval()));
      stages(golden, scope, net, weights, rectangle);
      gradients(golden, scope, net, weights, square);
    }
  }

  /** Names say how: "rect.stage2.map_resized_to_p16". */
  private static void stages(
      Golden golden, TensorScope scope, ConvNext net, StateDict weights, NDArray rectangle) {
    Pattern named = Pattern.compile("rect\\.stage(\\d)\\.map_resized_to_p(\\d+)");
    List<Integer> compared = new ArrayList<>();
    for (String tensor : golden.names()) {
      Matcher how = named.matcher(tensor);
      if (how.matches()) {
        int stage = Integer.parseInt(how.group(1));
        Features f =
            net.intermediateStages(
                    scope, weights, rectangle, List.of(stage), Integer.parseInt(how.group(2)))
                .get(0);
        golden.compare("rect.stage" + stage + ".cls", f.cls_BD());
        NDArray official = golden.tensor(tensor);
        golden.compare(tensor, f.patches_BND().transpose(0, 2, 1).reshape(official.getShape()));
        compared.add(stage);
      }
    }
    assertThat(compared).isNotEmpty();
  }

  private static void gradients(
      Golden golden, TensorScope scope, ConvNext net, StateDict weights, NDArray square) {
    String prefix = "grad.official.";
    List<String> wanted =
        golden.names().stream()
            .filter(n -> n.startsWith(prefix))
            .map(n -> n.substring(prefix.length()))
            .toList();
    weights.requireGradients();
    NDArray loss;
    NDList gradients;
    try (Gradients.Recording recording = Gradients.record()) {
      Features f = net.forward(scope, weights, square, Pass.globalCrops(0, 0));
      loss = f.cls_BD().mul(golden.tensor("grad.coef")).sum();
      gradients = Gradients.of(scope, loss, weights.list(wanted));
    }
    golden.compare("grad.loss", loss);
    for (int i = 0; i < wanted.size(); i++) {
      golden.compare(prefix + wanted.get(i), gradients.get(i));
    }
  }

  private static List<Integer> numbers(JsonNode list) {
    List<Integer> numbers = new ArrayList<>();
    list.forEach(n -> numbers.add(n.asInt()));
    return numbers;
  }

  private static void compare(Golden golden, TensorScope scope, String name, Features f) {
    NDArray cls = f.cls_BD().reshape(f.cls_BD().getShape().get(0), 1, f.cls_BD().getShape().get(1));
    golden.compare(
        name + ".last_hidden_state",
        Tensors.concatTokens(scope, cls, f.storage_BSD(), f.patches_BND()));
    golden.compare(name + ".pooler_output", f.cls_BD());
  }

  /** The file's tensors are all the backbone's, and come back as they were. */
  private static void roundTrip(
      Golden golden, Golden file, TensorScope scope, StateDict weights, Backbone backbone) {
    assertThat(new TreeSet<>(weights.names()))
        .isEqualTo(new TreeSet<>(backbone.parameters().stream().map(p -> p.name()).toList()));
    for (ParameterSpec p : backbone.parameters()) {
      assertThat(weights.tensor(p.name()).getShape().getShape())
          .as(p.name())
          .containsExactly(p.shape().stream().mapToLong(Long::longValue).toArray());
    }
    TreeMap<String, NDArray> all = new TreeMap<>();
    weights.forEach(all::put);
    backbone.buffers(scope.manager()).forEach(all::put);
    StateDict back = HuggingFaceLayout.fromOfficial(scope, new StateDict(all));
    TreeSet<String> names = new TreeSet<>();
    golden
        .json()
        .get("values")
        .get("names_in_model.safetensors")
        .forEach(n -> names.add(n.asText()));
    assertThat(new TreeSet<>(back.names())).isEqualTo(names).isEqualTo(new TreeSet<>(file.names()));
    back.forEach(
        (name, tensor) -> {
          assertThat(tensor.getShape()).as(name).isEqualTo(file.tensor(name).getShape());
          assertThat(tensor.toFloatArray()).as(name).isEqualTo(file.floats(name));
        });
  }

  /** Our table against the fixture's, on every official name that the fixtures know. */
  @ParameterizedTest
  @ValueSource(strings = {"hf_vit_mlp", "hf_vit_gated", "hf_convnext"})
  void namesFollowTheTableOfTheOtherImplementation(String model) {
    JsonNode mapping = Golden.json("hf_name_mapping");
    JsonNode family = mapping.get(model.startsWith("hf_vit") ? "vit" : "convnext");
    try (Golden golden = Golden.open(model + "/expected");
        TensorScope scope = TensorScope.under(golden.manager())) {
      // Tensors of one value each, so that it shows which became which.
      Map<String, NDArray> official = new TreeMap<>();
      for (JsonNode name : golden.json().get("values").get("official_state_dict_names")) {
        float number = official.size();
        NDArray tensor = scope.create(new float[] {number, number, number}).reshape(3, 1);
        official.put(name.asText(), tensor);
      }
      StateDict there = HuggingFaceLayout.fromOfficial(scope, new StateDict(official));
      official.forEach(
          (name, tensor) -> {
            if (!name.contains("attn.qkv.")) {
              ruled(family, name)
                  .forEach(
                      other ->
                          assertThat(there.tensor(other).toFloatArray()[0])
                              .as(name + " as " + other)
                              .isEqualTo(tensor.toFloatArray()[0]));
            }
          });
    }
  }

  /** What the fixture's rules make of a name; nothing where they drop it. */
  private static List<String> ruled(JsonNode family, String official) {
    for (JsonNode dropped : family.get("drop")) {
      if (official.matches(dropped.asText().replaceAll(" .*", ""))) {
        return List.of();
      }
    }
    for (JsonNode rule : family.get("rules")) {
      Matcher matcher = Pattern.compile(rule.get(0).asText()).matcher(official);
      if (matcher.matches()) {
        String there =
            rule.get(1).asText().replaceAll(" .*", "").replace("{P}", "").replace('\\', '$');
        return List.of(matcher.replaceAll(there));
      }
    }
    return List.of("no rule for " + official);
  }
}
