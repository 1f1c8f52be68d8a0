package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Forwards and gradients of four architectures, every parameter of them randomised. */
@GoldenFixture({"vit_a_mlp", "vit_b_swiglu", "vit_c_swiglu64_7blike", "vit_d_untied_both"})
@OwnGoldens
class VisionTransformerNumericsTest {
  private static final double TABLES_ABS = 1e-6;

  @ParameterizedTest
  @ValueSource(
      strings = {"vit_a_mlp", "vit_b_swiglu", "vit_c_swiglu64_7blike", "vit_d_untied_both"})
  void givesTheOfficialTokensAndGradients(String fixture) {
    try (Golden golden = Golden.open(fixture);
        TensorScope scope = TensorScope.under(golden.manager())) {
      VisionTransformer vit = new VisionTransformer(recipe(golden.json().get("config")));
      StateDict weights = new StateDict(golden.under("w."));
      stateDict(golden, vit, scope, weights);
      evaluates(golden, vit, scope, weights);
      intermediates(golden, vit, scope, weights);
      gradients(golden, vit, scope, weights);
    }
  }

  static BackboneRecipe.Vit recipe(JsonNode config) {
    assertThat(config.get("pos_embed_rope_normalize_coords").asText()).isEqualTo("separate");
    return new BackboneRecipe.Vit(
        config.get("patch_size").asInt(),
        config.get("embed_dim").asInt(),
        config.get("depth").asInt(),
        config.get("num_heads").asInt(),
        config.get("ffn_ratio").asDouble(),
        config.get("ffn_layer").asText(),
        config.get("norm_layer").asText(),
        config.get("n_storage_tokens").asInt(),
        config.get("layerscale_init").asDouble(),
        config.get("drop_path_rate").asDouble(),
        config.get("qkv_bias").asBoolean(),
        config.get("mask_k_bias").asBoolean(),
        config.get("untie_cls_and_patch_norms").asBoolean(),
        config.get("untie_global_and_local_cls_norm").asBoolean(),
        config.get("pos_embed_rope_base").asDouble(),
        0,
        0,
        0);
  }

  /** Parameters and buffers have the official names and shapes, buffers the values too. */
  private static void stateDict(
      Golden golden, VisionTransformer vit, TensorScope scope, StateDict weights) {
    StateDict buffers = vit.buffers(scope.manager());
    TreeSet<String> ours = new TreeSet<>(buffers.names());
    for (ParameterSpec p : vit.parameters()) {
      ours.add(p.name());
      assertThat(p.shape())
          .as(p.name())
          .containsExactly(boxed(weights.tensor(p.name()).getShape()));
    }
    assertThat(ours).isEqualTo(new TreeSet<>(weights.names()));
    buffers.forEach(
        (name, tensor) -> golden.compare("w." + name, tensor, weights.tensor(name), TABLES_ABS));
  }

  private static Long[] boxed(Shape shape) {
    return java.util.Arrays.stream(shape.getShape()).boxed().toArray(Long[]::new);
  }

  private static void evaluates(
      Golden golden, VisionTransformer vit, TensorScope scope, StateDict weights) {
    NDArray global = golden.tensor("in.global");
    NDArray local = golden.tensor("in.local");
    NDArray masks = golden.mask("in.masks");
    Features plain = vit.forward(scope, weights, global, Pass.eval());
    compare(golden, "eval_nomask", plain);
    golden.compare("eval_head", plain.cls_BD());
    Features masked = vit.forward(scope, weights, global, Pass.eval().masked(masks));
    compare(golden, "eval_masked", masked);
    compare(golden, "eval_list0", masked);
    compare(golden, "eval_list1", vit.forward(scope, weights, local, Pass.eval()));
    NDArray rectangle = golden.tensor("in.rect");
    compare(golden, "eval_rect", vit.forward(scope, weights, rectangle, Pass.eval()));
  }

  private static void intermediates(
      Golden golden, VisionTransformer vit, TensorScope scope, StateDict weights) {
    NDArray rectangle = golden.tensor("in.rect");
    long height = rectangle.getShape().get(2) / vit.stride();
    long width = rectangle.getShape().get(3) / vit.stride();
    List<Integer> blocks = blocks(golden);
    List<Features> taken = vit.intermediateLayers(scope, weights, rectangle, blocks);
    assertThat(taken).hasSameSizeAs(blocks);
    for (int i = 0; i < taken.size(); i++) {
      Features f = taken.get(i);
      golden.compare("inter" + i + ".cls", f.cls_BD());
      golden.compare("inter" + i + ".extra", f.storage_BSD());
      NDArray map = f.patches_BND().transpose(0, 2, 1);
      golden.compare(
          "inter" + i + ".patches_bchw",
          map.reshape(map.getShape().get(0), map.getShape().get(1), height, width));
    }
    Features last = vit.forward(scope, weights, rectangle, Pass.eval());
    long tokens = last.prenorm_BTD().getShape().get(1);
    golden.compare(
        "inter_last_nonorm.patches",
        Tensors.tokens(scope, last.prenorm_BTD(), tokens - height * width, tokens));
  }

  /** The blocks that the fixture's explanation names: "n=[0, 2]". */
  private static List<Integer> blocks(Golden golden) {
    Matcher n =
        Pattern.compile("n=\\[([0-9, ]+)]")
            .matcher(golden.json().get("meaning").get("inter*").asText());
    assertThat(n.find()).isTrue();
    List<Integer> blocks = new ArrayList<>();
    for (String block : n.group(1).split(", ")) {
      blocks.add(Integer.parseInt(block));
    }
    return blocks;
  }

  /** Loss: sum over both crop lists and the three outputs of output times coefficient. */
  private static void gradients(
      Golden golden, VisionTransformer vit, TensorScope scope, StateDict weights) {
    NDArray global = golden.tensor("in.global");
    NDArray local = golden.tensor("in.local");
    NDArray masks = golden.mask("in.masks");
    Map<String, NDArray> leaves = new HashMap<>();
    leaves.put("in.global", global);
    leaves.put("in.local", local);
    vit.parameters().forEach(p -> leaves.put("w." + p.name(), weights.tensor(p.name())));
    leaves.values().forEach(leaf -> leaf.setRequiresGradient(true));
    List<String> wanted =
        golden.names().stream()
            .filter(n -> n.startsWith("grad.") && !n.equals("grad.loss"))
            .map(n -> n.substring("grad.".length()))
            .toList();
    assertThat(leaves.keySet()).containsAll(wanted);
    NDList parameters = new NDList();
    wanted.forEach(n -> parameters.add(leaves.get(n)));
    NDArray loss;
    NDList gradients;
    try (Gradients.Recording recording = Gradients.record()) {
      Features[] lists = {
        vit.forward(scope, weights, global, Pass.globalCrops(0, 0).masked(masks)),
        vit.forward(scope, weights, local, Pass.localCrops(0, 0))
      };
      List<NDArray> terms = new ArrayList<>();
      for (int i = 0; i < lists.length; i++) {
        compare(golden, "train_list" + i, lists[i]);
        String list = "list" + i;
        outputs(
            lists[i],
            (name, output) ->
                terms.add(output.mul(golden.tensor("coef." + list + "." + name)).sum()));
      }
      double[] ones = terms.stream().mapToDouble(t -> 1).toArray();
      loss = Tensors.weightedSum(scope, terms, ones);
      gradients = Gradients.of(scope, loss, parameters);
    }
    golden.compare("grad.loss", loss);
    for (int i = 0; i < wanted.size(); i++) {
      golden.compare("grad." + wanted.get(i), gradients.get(i));
    }
    leaves.values().forEach(leaf -> leaf.setRequiresGradient(false));
  }

  private static void outputs(Features f, java.util.function.BiConsumer<String, NDArray> action) {
    action.accept("x_norm_clstoken", f.cls_BD());
    action.accept("x_norm_patchtokens", f.patches_BND());
    action.accept("x_storage_tokens", f.storage_BSD());
  }

  /** Every output of the case that the file holds; some leave out a tensor equal to another. */
  private static void compare(Golden golden, String name, Features f) {
    Map<String, NDArray> ours = new HashMap<>();
    outputs(f, ours::put);
    ours.put("x_prenorm", f.prenorm_BTD());
    List<String> held = golden.names().stream().filter(n -> n.startsWith(name + ".")).toList();
    assertThat(held).as("tensors of " + name).isNotEmpty();
    Consumer<String> one =
        tensor -> golden.compare(tensor, ours.get(tensor.substring(name.length() + 1)));
    held.forEach(one);
  }
}
