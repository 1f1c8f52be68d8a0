package io.dinoflow.model.weights;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.TensorScope;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Between official state dicts and the files of Hugging Face's DINOv3 models.
 *
 * <p>There the projections of queries, keys and values are tensors of their own, the mask token has
 * one axis more, and rotary periods, bias masks and the norm of local crops are left out. Files
 * have no prefix; {@code model.} is taken off when reading. Tensors that only change their name are
 * shared with the given state dict, the others belong to the scope.
 */
public final class HuggingFaceLayout {
  private static final String PREFIX = "model.";
  private static final List<String> PROJECTIONS = List.of("q_proj", "k_proj", "v_proj");

  private static final List<Rule> TRANSFORMER =
      List.of(
          new Rule("cls_token", "embeddings.cls_token"),
          new Rule("storage_tokens", "embeddings.register_tokens"),
          new Rule("mask_token", "embeddings.mask_token"),
          new Rule("patch_embed.proj.<p>", "embeddings.patch_embeddings.<p>"),
          new Rule("norm.<p>", "norm.<p>"),
          new Rule("blocks.<n>.norm<k>.<p>", "layer.<n>.norm<k>.<p>"),
          new Rule("blocks.<n>.ls<k>.gamma", "layer.<n>.layer_scale<k>.lambda1"),
          new Rule("blocks.<n>.attn.proj.<p>", "layer.<n>.attention.o_proj.<p>"));
  private static final List<Rule> MLP =
      List.of(
          new Rule("blocks.<n>.mlp.fc1.<p>", "layer.<n>.mlp.up_proj.<p>"),
          new Rule("blocks.<n>.mlp.fc2.<p>", "layer.<n>.mlp.down_proj.<p>"));
  private static final List<Rule> GATED =
      List.of(
          new Rule("blocks.<n>.mlp.w1.<p>", "layer.<n>.mlp.gate_proj.<p>"),
          new Rule("blocks.<n>.mlp.w2.<p>", "layer.<n>.mlp.up_proj.<p>"),
          new Rule("blocks.<n>.mlp.w3.<p>", "layer.<n>.mlp.down_proj.<p>"));
  private static final List<Rule> CONVNEXT =
      List.of(
          new Rule("downsample_layers.<n>.<k>.<p>", "stages.<n>.downsample_layers.<k>.<p>"),
          new Rule("stages.<n>.<m>.dwconv.<p>", "stages.<n>.layers.<m>.depthwise_conv.<p>"),
          new Rule("stages.<n>.<m>.norm.<p>", "stages.<n>.layers.<m>.layer_norm.<p>"),
          new Rule("stages.<n>.<m>.pwconv<k>.<p>", "stages.<n>.layers.<m>.pointwise_conv<k>.<p>"),
          new Rule("stages.<n>.<m>.gamma", "stages.<n>.layers.<m>.gamma"),
          new Rule("norm.<p>", "layer_norm.<p>"));

  private static final Pattern DROPPED =
      Pattern.compile(
          "rope_embed\\.periods|.*\\.qkv\\.bias_mask|local_cls_norm\\..*|norms\\.3\\..*");
  private static final Pattern QKV =
      Pattern.compile("blocks\\.(\\d+)\\.attn\\.qkv\\.(weight|bias)");
  private static final Pattern QUERY =
      Pattern.compile("layer\\.(\\d+)\\.attention\\.q_proj\\.(weight|bias)");
  private static final Pattern KEY_OR_VALUE =
      Pattern.compile("layer\\.(\\d+)\\.attention\\.[kv]_proj\\.(weight|bias)");

  private HuggingFaceLayout() {}

  /** One name in both layouts: numbers n, m, k and p for weight or bias. */
  private record Rule(String official, String there) {
    Optional<String> toOfficial(String name) {
      return translate(there, official, name);
    }

    Optional<String> fromOfficial(String name) {
      return translate(official, there, name);
    }

    private static Optional<String> translate(String from, String to, String name) {
      String regex =
          from.replace(".", "\\.")
              .replace("<p>", "(?<p>weight|bias)")
              .replaceAll("<([nmk])>", "(?<$1>[0-9]+)");
      Matcher matcher = Pattern.compile(regex).matcher(name);
      return matcher.matches()
          ? Optional.of(matcher.replaceAll(to.replaceAll("<([nmkp])>", "\\${$1}")))
          : Optional.empty();
    }
  }

  /**
   * A file's tensors under official names, parameters only.
   *
   * @throws IllegalArgumentException a name is of neither layout
   */
  public static StateDict toOfficial(TensorScope scope, StateDict stored) {
    Map<String, NDArray> bare = new LinkedHashMap<>();
    stored.forEach(
        (name, tensor) ->
            bare.put(name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name, tensor));
    List<List<Rule>> rules =
        bare.containsKey("layer_norm.weight")
            ? List.of(CONVNEXT)
            : List.of(
                TRANSFORMER,
                bare.keySet().stream().anyMatch(n -> n.contains("gate_proj")) ? GATED : MLP);
    Map<String, NDArray> official = new LinkedHashMap<>();
    bare.forEach(
        (name, tensor) -> {
          Matcher query = QUERY.matcher(name);
          if (query.matches()) {
            official.put(
                "blocks.%s.attn.qkv.%s".formatted(query.group(1), query.group(2)),
                joined(scope, bare, name));
          } else if (!KEY_OR_VALUE.matcher(name).matches()) {
            official.put(
                translated(rules, name, Rule::toOfficial),
                name.equals("embeddings.mask_token") ? tensor.reshape(1, tensor.size()) : tensor);
          }
        });
    return new StateDict(official);
  }

  /**
   * An official state dict as a file holds it. The keys' bias goes along only where no {@code
   * bias_mask} takes it away.
   *
   * @throws IllegalArgumentException a name has no place there, such as an untied class norm
   */
  public static StateDict fromOfficial(TensorScope scope, StateDict official) {
    List<List<Rule>> rules =
        official.contains("downsample_layers.0.0.weight")
            ? List.of(CONVNEXT)
            : List.of(TRANSFORMER, MLP, GATED);
    Map<String, NDArray> there = new LinkedHashMap<>();
    official.forEach(
        (name, tensor) -> {
          Matcher qkv = QKV.matcher(name);
          if (qkv.matches()) {
            boolean masked = qkv.group(2).equals("bias") && official.contains(name + "_mask");
            split(scope, there, qkv, tensor, masked);
          } else if (!DROPPED.matcher(name).matches()) {
            there.put(
                translated(rules, name, Rule::fromOfficial),
                name.equals("mask_token") ? tensor.reshape(1, 1, tensor.size()) : tensor);
          }
        });
    return new StateDict(there);
  }

  /**
   * The other layout's name of an official parameter that is one tensor in both.
   *
   * @throws IllegalArgumentException it has none
   */
  public static String nameThere(String official, boolean convNext) {
    return translated(
        convNext ? List.of(CONVNEXT) : List.of(TRANSFORMER, MLP, GATED),
        official,
        Rule::fromOfficial);
  }

  private static String translated(
      List<List<Rule>> rules, String name, BiFunction<Rule, String, Optional<String>> direction) {
    return rules.stream()
        .flatMap(List::stream)
        .flatMap(rule -> direction.apply(rule, name).stream())
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "tensor \"%s\" has no name in the other layout".formatted(name)));
  }

  /** Rows of q, k and v; a bias that the file lacks is zero. */
  private static NDArray joined(TensorScope scope, Map<String, NDArray> bare, String query) {
    NDArray q = tensor(bare, query);
    NDArray v = tensor(bare, query.replace("q_proj", "v_proj"));
    String key = query.replace("q_proj", "k_proj");
    NDArray k =
        bare.containsKey(key) || key.endsWith("weight")
            ? tensor(bare, key)
            : scope.manager().zeros(new Shape(q.getShape().get(0)));
    return Tensors.concat(scope, Tensors.concat(scope, q, k), v);
  }

  private static NDArray tensor(Map<String, NDArray> bare, String name) {
    NDArray tensor = bare.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("tensor \"%s\" is missing".formatted(name));
    }
    return tensor;
  }

  private static void split(
      TensorScope scope, Map<String, NDArray> there, Matcher qkv, NDArray tensor, boolean masked) {
    long rows = tensor.getShape().get(0) / PROJECTIONS.size();
    for (int i = 0; i < PROJECTIONS.size(); i++) {
      String projection = PROJECTIONS.get(i);
      if (!(masked && projection.equals("k_proj"))) {
        there.put(
            "layer.%s.attention.%s.%s".formatted(qkv.group(1), projection, qkv.group(2)),
            Tensors.rows(scope, tensor, i * rows, (i + 1) * rows));
      }
    }
  }
}
