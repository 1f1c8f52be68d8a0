package io.dinoflow.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.recipe.BackboneRecipe;
import java.util.List;

/**
 * Between a backbone's recipe and the {@code config.json} of Hugging Face's {@code dinov3_vit} and
 * {@code dinov3_convnext}.
 *
 * <p>Every size is read, none assumed. A key whose value dinoflow cannot honour, and a key it does
 * not know, are refused by name. A key that is left out has the default of that library.
 */
public final class HubConfig {
  /** Name of the file in a directory. */
  public static final String FILE = "config.json";

  static final String VIT = "dinov3_vit";
  static final String CONVNEXT = "dinov3_convnext";
  private static final double EPSILON_CONVNEXT = 1e-6;
  private static final double EPSILON_BF16 = 1e-5;
  private static final double EPSILON = 1e-6;
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Names, numbers for training from scratch, and what only other classes of a model read. */
  private static final List<String> INDIFFERENT =
      List.of(
          "_name_or_path",
          "architectures",
          "auto_map",
          "chunk_size_feed_forward",
          "dtype",
          "id2label",
          "initializer_range",
          "is_encoder_decoder",
          "label2id",
          "out_features",
          "out_indices",
          "output_attentions",
          "output_hidden_states",
          "problem_type",
          "reshape_hidden_states",
          "return_dict",
          "stage_names",
          "torch_dtype",
          "transformers_version");

  private HubConfig() {}

  /** A directory's configuration: the backbone and the side it was trained at. */
  record Read(BackboneRecipe backbone, int imageSize) {}

  /**
   * @throws UnsupportedModelException naming every key that cannot be honoured
   */
  static Read read(JsonNode config) {
    Keys keys = new Keys(FILE, config).ignored(INDIFFERENT);
    String type = keys.text("model_type", "");
    if (!type.equals(VIT) && !type.equals(CONVNEXT)) {
      throw new UnsupportedModelException(
          "%s has model_type \"%s\", must be %s or %s".formatted(FILE, type, VIT, CONVNEXT));
    }
    int imageSize = keys.side("image_size", Preprocessing.IMAGENET.side());
    keys.require(keys.whole("num_channels", 3) == 3, "num_channels", "3");
    BackboneRecipe backbone;
    try {
      backbone = type.equals(VIT) ? vit(keys) : convNext(keys);
    } catch (IllegalArgumentException e) {
      keys.check();
      throw new UnsupportedModelException(FILE + ": " + e.getMessage(), e);
    }
    keys.check();
    return new Read(backbone, imageSize);
  }

  private static BackboneRecipe vit(Keys keys) {
    boolean gated = keys.flag("use_gated_mlp", false);
    String act = keys.text("hidden_act", "gelu");
    keys.require(
        act.equals(gated ? "silu" : "gelu"),
        "hidden_act",
        gated ? "silu, since use_gated_mlp is true" : "gelu, since use_gated_mlp is false");
    boolean query = keys.flag("query_bias", true);
    boolean key = keys.flag("key_bias", false);
    boolean value = keys.flag("value_bias", true);
    keys.require(query == value, "value_bias", query + ", as query_bias");
    keys.require(query || !key, "key_bias", "false, as query_bias");
    keys.require(keys.flag("proj_bias", true), "proj_bias", "true");
    keys.require(keys.flag("mlp_bias", true), "mlp_bias", "true");
    keys.require(keys.flag("apply_layernorm", true), "apply_layernorm", "true");
    keys.require(keys.number("attention_dropout", 0) == 0, "attention_dropout", "0");
    double epsilon = keys.number("layer_norm_eps", EPSILON_BF16);
    keys.require(epsilon == EPSILON_BF16 || epsilon == EPSILON, "layer_norm_eps", "1e-05 or 1e-06");
    double layerscale = keys.number("layerscale_value", 1);
    keys.require(layerscale > 0, "layerscale_value", "above 0");
    int dim = keys.whole("hidden_size", 384);
    int hidden = keys.whole("intermediate_size", 1536);
    keys.require(hidden > 0, "intermediate_size", "above 0");
    keys.require(
        !gated || hidden % 8 == 0,
        "intermediate_size",
        "a multiple of 8, as every gated feed-forward of the family");
    return new BackboneRecipe.Vit(
        keys.side("patch_size", 16),
        dim,
        keys.whole("num_hidden_layers", 12),
        keys.whole("num_attention_heads", 6),
        gated ? FeedForwardWidth.gatedRatio(dim, hidden) : FeedForwardWidth.plainRatio(dim, hidden),
        gated ? "swiglu" : "mlp",
        epsilon == EPSILON ? "layernorm" : "layernormbf16",
        keys.whole("num_register_tokens", 0),
        layerscale,
        keys.number("drop_path_rate", 0),
        query,
        query ? !key : true,
        false,
        false,
        keys.number("rope_theta", 100),
        keys.number("pos_embed_shift", 0),
        keys.number("pos_embed_jitter", 0),
        keys.number("pos_embed_rescale", keys.node("pos_embed_rescale").isNull() ? 0 : 2));
  }

  private static BackboneRecipe convNext(Keys keys) {
    keys.require(keys.text("hidden_act", "gelu").equals("gelu"), "hidden_act", "gelu");
    keys.require(
        keys.number("layer_norm_eps", EPSILON_CONVNEXT) == EPSILON_CONVNEXT,
        "layer_norm_eps",
        "1e-06");
    return new BackboneRecipe.ConvNext(
        keys.wholes("depths", List.of(3, 3, 9, 3)),
        keys.wholes("hidden_sizes", List.of(96, 192, 384, 768)),
        keys.number("drop_path_rate", 0),
        keys.number("layer_scale_init_value", 1e-6));
  }

  /**
   * The configuration of a backbone that the other library can run.
   *
   * @throws UnsupportedModelException that library has no such model
   */
  static ObjectNode write(BackboneRecipe backbone, int imageSize) {
    return backbone.match(
        new BackboneRecipe.Cases<>() {
          @Override
          public ObjectNode vit(BackboneRecipe.Vit vit) {
            return writeVit(vit, imageSize);
          }

          @Override
          public ObjectNode convNext(BackboneRecipe.ConvNext convNext) {
            return writeConvNext(convNext, imageSize);
          }
        });
  }

  private static ObjectNode writeVit(BackboneRecipe.Vit vit, int imageSize) {
    if (vit.normLayer().equals("rmsnorm")) {
      throw cannot("norm_layer rmsnorm");
    }
    if (vit.untieClsAndPatchNorms()) {
      throw cannot("untie_cls_and_patch_norms");
    }
    if (!(vit.layerscale() > 0)) {
      throw cannot("layerscale 0");
    }
    boolean gated = !vit.ffnLayer().equals("mlp");
    ObjectNode json = head("DINOv3ViTModel", VIT);
    json.put("patch_size", vit.patchSize());
    json.put("hidden_size", vit.embedDim());
    json.put("intermediate_size", FeedForwardWidth.of(vit));
    json.put("num_hidden_layers", vit.depth());
    json.put("num_attention_heads", vit.numHeads());
    json.put("hidden_act", gated ? "silu" : "gelu");
    json.put("use_gated_mlp", gated);
    json.put("layer_norm_eps", vit.normLayer().equals("layernorm") ? EPSILON : EPSILON_BF16);
    json.put("num_register_tokens", vit.nStorageTokens());
    json.put("layerscale_value", vit.layerscale());
    json.put("drop_path_rate", vit.dropPathRate());
    json.put("attention_dropout", 0.0);
    json.put("query_bias", vit.qkvBias());
    json.put("key_bias", vit.qkvBias() && !vit.maskKBias());
    json.put("value_bias", vit.qkvBias());
    json.put("proj_bias", true);
    json.put("mlp_bias", true);
    json.put("rope_theta", vit.posEmbedRopeBase());
    putOrNull(json, "pos_embed_shift", vit.posEmbedRopeShiftCoords());
    putOrNull(json, "pos_embed_jitter", vit.posEmbedRopeJitterCoords());
    putOrNull(json, "pos_embed_rescale", vit.posEmbedRopeRescaleCoords());
    return tail(json, imageSize);
  }

  private static ObjectNode writeConvNext(BackboneRecipe.ConvNext net, int imageSize) {
    ObjectNode json = head("DINOv3ConvNextModel", CONVNEXT);
    ArrayNode depths = json.putArray("depths");
    net.depths().forEach(depths::add);
    ArrayNode sizes = json.putArray("hidden_sizes");
    net.dims().forEach(sizes::add);
    json.put("hidden_act", "gelu");
    json.put("layer_norm_eps", EPSILON_CONVNEXT);
    json.put("layer_scale_init_value", net.layerscale());
    json.put("drop_path_rate", net.dropPathRate());
    return tail(json, imageSize);
  }

  private static ObjectNode head(String architecture, String type) {
    ObjectNode json = JSON.createObjectNode();
    json.putArray("architectures").add(architecture);
    json.put("model_type", type);
    return json;
  }

  private static ObjectNode tail(ObjectNode json, int imageSize) {
    json.put("image_size", imageSize);
    json.put("num_channels", 3);
    json.put("initializer_range", 0.02);
    json.put("dtype", "float32");
    return json;
  }

  private static void putOrNull(ObjectNode json, String key, double value) {
    if (value == 0) {
      json.putNull(key);
    } else {
      json.put(key, value);
    }
  }

  private static UnsupportedModelException cannot(String field) {
    return new UnsupportedModelException(
        "a backbone with %s has no form in Hugging Face's %s".formatted(field, VIT));
  }

  /**
   * Whether two backbones compute the same from the same weights; training settings do not count.
   */
  public static boolean sameNetwork(BackboneRecipe a, BackboneRecipe b) {
    return computing(a).equals(computing(b));
  }

  private static ObjectNode computing(BackboneRecipe backbone) {
    return write(backbone, 0)
        .without(
            List.of(
                "layerscale_value",
                "layer_scale_init_value",
                "drop_path_rate",
                "pos_embed_shift",
                "pos_embed_jitter",
                "pos_embed_rescale"));
  }
}
