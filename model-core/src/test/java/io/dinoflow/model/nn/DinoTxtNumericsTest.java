package io.dinoflow.model.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.loss.ContrastiveLoss;
import io.dinoflow.model.loss.GramLoss;
import io.dinoflow.model.nn.TextTower.Attention;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Both towers of dino.txt, the contrastive loss and its gradients, against the official ones. */
@GoldenFixture({"dinotxt", "dinotxt_variant"})
@OwnGoldens
class DinoTxtNumericsTest {
  private static final double EPSILON = 1e-12;

  @ParameterizedTest
  @ValueSource(strings = {"dinotxt", "dinotxt_variant"})
  void towersEmbedAsTheOfficialOnes(String fixture) {
    try (Golden golden = Golden.open(fixture);
        TensorScope scope = TensorScope.under(golden.manager())) {
      Model model = new Model(golden);
      double tolerance = golden.tolerance();

      NDArray image = model.image(scope);
      NDArray text = model.text(scope);
      golden.compare("image", image, golden.tensor("out.image_features_raw"), tolerance);
      golden.compare("text", text, golden.tensor("out.text_features_raw"), tolerance);
      golden.compare(
          "image of norm 1",
          Tensors.normalize(scope, image, EPSILON),
          golden.tensor("out.image_features_normed"),
          tolerance);
      golden.compare(
          "text of norm 1",
          Tensors.normalize(scope, text, EPSILON),
          golden.tensor("out.text_features_normed"),
          tolerance);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dinotxt", "dinotxt_variant"})
  void lossAndItsGradientsAreTheOfficialOnes(String fixture) {
    try (Golden golden = Golden.open(fixture);
        TensorScope scope = TensorScope.under(golden.manager())) {
      NDArray image = leaf(scope, golden.tensor("out.image_features_normed"));
      NDArray text = leaf(scope, golden.tensor("out.text_features_normed"));
      NDArray logScale = leaf(scope, golden.tensor("w.logit_scale"));
      NDArray loss;
      NDList gradients;
      try (Gradients.Recording recording = Gradients.record()) {
        loss = ContrastiveLoss.of(scope, image, text, logScale);
        gradients = Gradients.of(scope, loss, new NDList(image, text, logScale));
      }
      double tolerance = golden.tolerance();
      golden.compare("loss", loss, golden.tensor("clip.loss"), tolerance);
      golden.compare(
          "image", gradients.get(0), golden.tensor("clip.grad_image_features"), tolerance);
      golden.compare("text", gradients.get(1), golden.tensor("clip.grad_text_features"), tolerance);
      double scale = golden.tensor("out.logit_scale_exp").toFloatArray()[0];
      assertThat(Math.exp(logScale.toFloatArray()[0])).isCloseTo(scale, within(tolerance));
      golden.compare(
          "scale",
          gradients.get(2).div(scale),
          golden.tensor("clip.grad_logit_scale_exp"),
          tolerance);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dinotxt", "dinotxt_variant"})
  void gradientsReachBothTowersAsInTheOfficialModel(String fixture) {
    try (Golden golden = Golden.open(fixture);
        TensorScope scope = TensorScope.under(golden.manager())) {
      Model model = new Model(golden);
      Map<String, NDArray> trained = model.trained();
      trained.values().forEach(t -> t.setRequiresGradient(true));
      Map<String, NDArray> expected = golden.under("end_to_end_grad.");
      assertThat(expected).isNotEmpty();
      List<String> names = new ArrayList<>(expected.keySet());
      NDList parameters = new NDList();
      names.forEach(n -> parameters.add(trained.get(n)));
      NDArray loss;
      NDList gradients;
      try (Gradients.Recording recording = Gradients.record()) {
        loss =
            ContrastiveLoss.of(
                scope,
                Tensors.normalize(scope, model.image(scope), EPSILON),
                Tensors.normalize(scope, model.text(scope), EPSILON),
                trained.get("logit_scale"));
        gradients = Gradients.of(scope, loss, parameters);
      }
      golden.compare("loss", loss, golden.tensor("clip.loss"), golden.tolerance());
      assertThat((double) loss.getFloat())
          .isCloseTo(
              golden.json().get("values").get("official_forward_agrees").asDouble(),
              within(golden.tolerance()));
      for (int i = 0; i < names.size(); i++) {
        golden.compare(
            names.get(i), gradients.get(i), expected.get(names.get(i)), golden.tolerance());
      }
    }
  }

  @Test
  void patchTokensAndTheGramTermAreTheOfficialOnes() {
    try (Golden golden = Golden.open("dinotxt");
        TensorScope scope = TensorScope.under(golden.manager())) {
      Model model = new Model(golden);
      VisionHead.Tokens tokens = model.tokens(scope);
      long last = tokens.tokens_BTD().getShape().get(1);
      NDArray refined = model.head.refine(scope, model.headWeights, tokens.tokens_BTD());
      for (Map.Entry<String, NDArray> e :
          Map.of("out.backbone_patch_tokens", tokens.tokens_BTD(), "out.patch_tokens", refined)
              .entrySet()) {
        NDArray official = golden.tensor(e.getKey());
        NDArray patches = Tensors.tokens(scope, e.getValue(), tokens.prefix(), last);
        golden.compare(
            e.getKey(),
            Tensors.rows(scope, patches, 0, official.getShape().get(0)),
            official,
            golden.tolerance());
      }
      golden.compare(
          "gram term",
          new GramLoss(true, true, false, false)
              .of(
                  scope,
                  golden.tensor("gram.patch_tokens"),
                  golden.tensor("gram.backbone_patch_tokens")),
          golden.tensor("gram.loss"),
          golden.tolerance());
    }
  }

  @Test
  void paddingAfterTheEndTokenDoesNotMatter() {
    try (Golden golden = Golden.open("dinotxt");
        TensorScope scope = TensorScope.under(golden.manager())) {
      Model model = new Model(golden);
      int[][] longer = new int[model.ids.length][];
      for (int i = 0; i < longer.length; i++) {
        longer[i] = Arrays.copyOf(model.ids[i], model.ids[i].length + 3);
      }
      golden.compare(
          "text",
          model.text.forward(scope, model.textWeights, longer),
          golden.tensor("out.text_features_raw"),
          golden.tolerance());
    }
  }

  private static NDArray leaf(TensorScope scope, NDArray values) {
    NDArray copy = scope.manager().zeros(values.getShape());
    Tensors.copy(copy, values);
    copy.setRequiresGradient(true);
    return copy;
  }

  /** The fixture's model in our structure; official names are mapped to ours. */
  private static final class Model {
    private final Golden golden;
    private final VisionTransformer backbone;
    private final StateDict backboneWeights;
    private final VisionHead head;
    private final StateDict headWeights;
    private final TextTower text;
    private final StateDict textWeights;
    private final int[][] ids;
    private final int patchLayer;
    private final int depth;

    Model(Golden golden) {
      this.golden = golden;
      JsonNode config = golden.json().get("config");
      JsonNode vision = golden.json().get("vision_backbone");
      this.depth = vision.get("depth").asInt();
      this.patchLayer = depth - config.get("vision_model_patch_token_layer").asInt();
      this.backbone = new VisionTransformer(vit(vision));
      this.backboneWeights = new StateDict(golden.under("w.visual_model.backbone."));
      this.head =
          new VisionHead(
              vision.get("embed_dim").asInt(),
              vision.get("heads").asInt(),
              config.get("vision_model_num_head_blocks").asInt(),
              config.get("embed_dim").asInt(),
              config.get("vision_model_patch_tokens_pooler_type").asText().equals("max")
                  ? VisionHead.Pooling.MAX
                  : VisionHead.Pooling.MEAN);
      this.headWeights = new StateDict(golden.under("w.visual_model.head."));
      assertThat(headWeights.names())
          .containsExactlyInAnyOrderElementsOf(
              head.parameters().stream().map(ParameterSpec::name).toList());
      this.text = text(config, golden.json().get("text_backbone"));
      Map<String, NDArray> renamed = new LinkedHashMap<>();
      golden.under("w.text_model.").forEach((name, tensor) -> renamed.put(ours(name), tensor));
      this.textWeights = new StateDict(renamed);
      assertThat(textWeights.names())
          .containsAll(text.parameters().stream().map(ParameterSpec::name).toList());
      this.ids = ids(golden.tensor("in.token_ids"));
    }

    VisionHead.Tokens tokens(TensorScope scope) {
      List<Integer> layers =
          patchLayer == depth - 1 ? List.of(patchLayer) : List.of(patchLayer, depth - 1);
      List<Features> features =
          backbone.intermediateLayers(scope, backboneWeights, golden.tensor("in.images"), layers);
      Features first = features.get(0);
      Features last = features.get(features.size() - 1);
      return VisionHead.tokens(
          scope,
          new Features(
              last.cls_BD(), first.storage_BSD(), first.patches_BND(), last.prenorm_BTD()));
    }

    NDArray image(TensorScope scope) {
      return head.forward(scope, headWeights, tokens(scope));
    }

    NDArray text(TensorScope scope) {
      return text.forward(scope, textWeights, ids);
    }

    /** What learns, by its official name. */
    Map<String, NDArray> trained() {
      Map<String, NDArray> all = new HashMap<>();
      golden
          .under("w.")
          .forEach(
              (name, tensor) -> {
                if (!name.startsWith("visual_model.backbone.")) {
                  all.put(name, tensor);
                }
              });
      return all;
    }

    private static BackboneRecipe.Vit vit(JsonNode vision) {
      assertThat(vision.get("eps").asDouble()).isEqualTo(1e-5);
      return new BackboneRecipe.Vit(
          vision.get("patch").asInt(),
          vision.get("embed_dim").asInt(),
          vision.get("depth").asInt(),
          vision.get("heads").asInt(),
          vision.get("ffn_ratio").asDouble(),
          vision.get("ffn").asText(),
          "layernormbf16",
          vision.get("storage").asInt(),
          1,
          0,
          true,
          true,
          false,
          false,
          100,
          0,
          0,
          0);
    }

    private static TextTower text(JsonNode config, JsonNode text) {
      return new TextTower(
          new TextTower.Form(
              text.get("vocab_size").asInt(),
              text.get("context_length").asInt(),
              text.get("dim").asInt(),
              text.get("layers").asInt(),
              text.get("heads").asInt(),
              text.get("ffn_ratio").asDouble(),
              text.get("causal").asBoolean() ? Attention.CAUSAL : Attention.FULL,
              config.get("text_model_tokens_pooler_type").asText().equals("first")
                  ? TextTower.Pooling.FIRST
                  : TextTower.Pooling.LARGEST_ID,
              config.get("text_model_num_head_blocks").asInt(),
              config.get("embed_dim").asInt()));
    }

    private static String ours(String official) {
      return official
          .replace("head.linear_projection", "linear_projection")
          .replaceFirst("^backbone\\.", "")
          .replace("attention_norm", "norm1")
          .replace("ffn_norm", "norm2")
          .replace("attention.", "attn.")
          .replace("feed_forward.", "mlp.");
    }

    private static int[][] ids(NDArray ids_BL) {
      assertThat(ids_BL.getDataType()).isEqualTo(DataType.INT64);
      int length = (int) ids_BL.getShape().get(1);
      long[] flat = ids_BL.toLongArray();
      int[][] rows = new int[flat.length / length][length];
      for (int i = 0; i < flat.length; i++) {
        rows[i / length][i % length] = (int) flat[i];
      }
      return rows;
    }
  }
}
