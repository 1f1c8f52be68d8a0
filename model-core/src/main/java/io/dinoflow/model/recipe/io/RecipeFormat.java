package io.dinoflow.model.recipe.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.PipelineRecipe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * The one way between recipes and text: YAML or JSON in, canonical JSON out.
 *
 * <p>Reading is strict: an unknown or missing key, a wrong type and a value out of range are
 * reported together, each with its path. The canonical form has sorted keys and every default
 * written out; its digest is the recipe's identity.
 */
public final class RecipeFormat {
  /** Of a recipe, or of a request around one: histories carry it, and have limits of their own. */
  public static final int CHARACTERS_MAX = 256 * 1024;

  private static final int DEPTH_MAX = 40;
  private static final StreamReadConstraints LIMITS =
      StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build();
  private static final ObjectMapper MAPPER =
      JsonMapper.builder(JsonFactory.builder().streamReadConstraints(LIMITS).build())
          .addModule(new Jdk8Module())
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();
  private static final ObjectMapper YAML = new ObjectMapper(yamlFactory());

  private RecipeFormat() {}

  private static YAMLFactory yamlFactory() {
    LoaderOptions options = new LoaderOptions();
    options.setMaxAliasesForCollections(0);
    options.setCodePointLimit(CHARACTERS_MAX);
    options.setNestingDepthLimit(DEPTH_MAX);
    options.setAllowDuplicateKeys(false);
    return YAMLFactory.builder().loaderOptions(options).streamReadConstraints(LIMITS).build();
  }

  /** JSON with the recipe's snake_case names. */
  public static ObjectMapper mapper() {
    return MAPPER;
  }

  /**
   * @param text YAML or JSON, at most 256 Ki characters
   * @throws RecipeProblemsException with everything that is wrong
   */
  public static PipelineRecipe parse(String text) {
    return bind(tree(text));
  }

  /**
   * Text as a tree, within the limits that any text from outside is read with.
   *
   * @throws RecipeProblemsException it is no YAML or JSON, or is too large
   */
  static JsonNode tree(String text) {
    if (text.length() > CHARACTERS_MAX) {
      throw refused(
          "has %d characters, must have at most %d".formatted(text.length(), CHARACTERS_MAX));
    }
    try {
      if (text.stripLeading().startsWith("{")) {
        return MAPPER.readTree(text);
      }
      refuseTags(text);
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : " at line %d, column %d"
                  .formatted(e.getLocation().getLineNr(), e.getLocation().getColumnNr());
      throw refused("is neither YAML nor JSON%s: %s".formatted(where, e.getOriginalMessage()));
    }
  }

  /** A tag asks for a type of its own, which would be passed over in silence. */
  private static void refuseTags(String text) throws JsonProcessingException {
    try (JsonParser parser = YAML.createParser(text)) {
      while (parser.nextToken() != null) {
        if (parser.getTypeId() != null) {
          throw refused(
              "has the tag !%s at line %d, must have none"
                  .formatted(parser.getTypeId(), parser.currentTokenLocation().getLineNr()));
        }
      }
    } catch (JsonProcessingException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read text in memory", e);
    }
  }

  /**
   * A tree to a recipe, its gaps filled with defaults.
   *
   * @throws RecipeProblemsException with everything that is wrong
   */
  public static PipelineRecipe bind(JsonNode tree) {
    RecipeTemplate template = new RecipeTemplate(MAPPER);
    JsonNode complete = template.complete("pipeline", tree, "");
    if (!template.problems().isEmpty()) {
      throw new RecipeProblemsException(template.problems());
    }
    try {
      return MAPPER.treeToValue(complete, PipelineRecipe.class);
    } catch (JsonProcessingException e) {
      throw refused(e.getOriginalMessage());
    }
  }

  /** The recipe as JSON with sorted keys and every default written out. */
  public static String canonicalJson(PipelineRecipe recipe) {
    return sorted(MAPPER.valueToTree(recipe)).toString();
  }

  /** Digest of any record's canonical JSON. */
  public static Sha256 digestOf(Object record) {
    return Sha256.ofText(sorted(MAPPER.valueToTree(record)).toString());
  }

  public static Sha256 digest(PipelineRecipe recipe) {
    return Sha256.ofText(canonicalJson(recipe));
  }

  /**
   * The recipe with values replaced.
   *
   * @param values by path: {@code seed}, {@code data.source}, or {@code pretrain.optim.clip_grad}
   *     under a stage's name; list entries by number, {@code pretrain.crops.sizes.0.global}
   * @throws RecipeProblemsException with everything that is wrong
   */
  public static PipelineRecipe override(PipelineRecipe recipe, Map<String, ?> values) {
    ObjectNode tree = MAPPER.valueToTree(recipe);
    List<Problem> problems = new ArrayList<>();
    new TreeMap<>(values)
        .forEach((path, value) -> replace(tree, path, MAPPER.valueToTree(value), problems));
    try {
      PipelineRecipe changed = bind(tree);
      if (problems.isEmpty()) {
        return changed;
      }
    } catch (RecipeProblemsException wrongValues) {
      problems.addAll(wrongValues.problems());
    }
    throw new RecipeProblemsException(problems);
  }

  /** A value typed on a command line: a number, true or false, a JSON list or object, else text. */
  public static JsonNode value(String typed) {
    try {
      JsonNode node = YAML.readTree(typed);
      return node == null || node.isMissingNode() || node.isNull()
          ? JsonNodeFactory.instance.textNode(typed)
          : node;
    } catch (JsonProcessingException e) {
      return JsonNodeFactory.instance.textNode(typed);
    }
  }

  /** The fields in which two canonical JSONs differ, as {@code path: a -> b}. */
  public static List<String> differences(String canonicalA, String canonicalB) {
    try {
      Map<String, String> a = flat(MAPPER.readTree(canonicalA));
      Map<String, String> b = flat(MAPPER.readTree(canonicalB));
      TreeSet<String> paths = new TreeSet<>(a.keySet());
      paths.addAll(b.keySet());
      return paths.stream()
          .filter(p -> !Optional.ofNullable(a.get(p)).equals(Optional.ofNullable(b.get(p))))
          .map(
              p ->
                  "%s: %s -> %s"
                      .formatted(p, a.getOrDefault(p, "(absent)"), b.getOrDefault(p, "(absent)")))
          .toList();
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
    }
  }

  private static void replace(
      ObjectNode recipe, String path, JsonNode value, List<Problem> problems) {
    String[] keys = path.split("\\.");
    JsonNode at = recipe;
    int from = 0;
    for (JsonNode stage : recipe.get("stages")) {
      if (keys.length > 1 && stage.get("name").asText().equals(keys[0])) {
        at = stage;
        from = 1;
      }
    }
    for (int i = from; i < keys.length; i++) {
      JsonNode next = child(at, keys[i]);
      if (next.isMissingNode()) {
        problems.add(
            new Problem(path, "names no field", NearestName.of(keys[i], valid(recipe, at))));
        return;
      }
      if (i == keys.length - 1) {
        put(at, keys[i], value);
      }
      at = next;
    }
  }

  private static JsonNode child(JsonNode at, String key) {
    return at.isArray() && key.matches("[0-9]{1,4}")
        ? at.path(Integer.parseInt(key))
        : at.path(key);
  }

  private static void put(JsonNode at, String key, JsonNode value) {
    if (at instanceof ArrayNode array) {
      array.set(Integer.parseInt(key), value);
    } else {
      ((ObjectNode) at).set(key, value);
    }
  }

  private static List<String> valid(ObjectNode recipe, JsonNode at) {
    List<String> names = new ArrayList<>();
    at.fieldNames().forEachRemaining(names::add);
    if (at == recipe) {
      recipe.get("stages").forEach(s -> names.add(s.get("name").asText()));
    }
    return names;
  }

  /** Names of an object's fields, in their order. */
  static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static JsonNode sorted(JsonNode node) {
    if (node.isObject()) {
      ObjectNode result = JsonNodeFactory.instance.objectNode();
      TreeMap<String, JsonNode> fields = new TreeMap<>();
      node.properties().forEach(e -> fields.put(e.getKey(), e.getValue()));
      fields.forEach((key, value) -> result.set(key, sorted(value)));
      return result;
    }
    if (node.isArray()) {
      ArrayNode result = JsonNodeFactory.instance.arrayNode();
      node.forEach(element -> result.add(sorted(element)));
      return result;
    }
    return node;
  }

  private static Map<String, String> flat(JsonNode node) {
    Map<String, String> values = new TreeMap<>();
    flatten("", node, values);
    return values;
  }

  private static void flatten(String path, JsonNode node, Map<String, String> into) {
    if (node.isObject() && !node.isEmpty()) {
      node.properties()
          .forEach(
              e ->
                  flatten(
                      path.isEmpty() ? e.getKey() : path + "." + e.getKey(), e.getValue(), into));
    } else if (node.isArray() && !node.isEmpty()) {
      for (int i = 0; i < node.size(); i++) {
        flatten(path + "[" + i + "]", node.get(i), into);
      }
    } else {
      into.put(path, node.toString());
    }
  }

  private static RecipeProblemsException refused(String message) {
    return new RecipeProblemsException(List.of(Problem.of("", message)));
  }
}
