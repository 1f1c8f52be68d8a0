package io.dinoflow.model.recipe.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.recipe.io.OfficialKey.Fate;
import io.dinoflow.model.recipe.io.OfficialKey.Origin;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One official configuration with the official defaults beneath it.
 *
 * <p>A value of a wrong type is noted as a problem and stands as zero, so that everything that is
 * wrong is found in one reading.
 */
final class OfficialFile {
  /** Numbers that YAML 1.1 takes for text and the official reader does not. */
  private static final String EXPONENT = "[-+]?[0-9]+(\\.[0-9]*)?[eE][-+]?[0-9]+";

  private static final int SHOWN_MAX = 60;

  private final String name;
  private final Map<String, JsonNode> values = new LinkedHashMap<>();
  private final Set<String> given = new LinkedHashSet<>();
  private final Map<String, String> unused = new LinkedHashMap<>();
  private final Map<String, String> refused = new LinkedHashMap<>();
  private final List<Problem> problems = new ArrayList<>();

  private OfficialFile(String name) {
    this.name = name;
  }

  /**
   * @throws RecipeProblemsException it is no YAML object
   */
  static OfficialFile of(String name, String text) {
    JsonNode tree = RecipeFormat.tree(text);
    if (!tree.isObject()) {
      throw new RecipeProblemsException(
          List.of(Problem.of(name, "is no official training configuration: it is no map of keys")));
    }
    OfficialFile file = new OfficialFile(name);
    file.flatten("", tree);
    file.given.addAll(file.values.keySet());
    if (file.given.stream().noneMatch(key -> OfficialTable.row(key).isPresent())) {
      throw new RecipeProblemsException(
          List.of(
              Problem.of(
                  name, "is no official training configuration: none of its keys is known")));
    }
    OfficialTable.defaults()
        .forEach(
            (key, value) -> {
              if (file.given.stream().noneMatch(own -> overlaps(own, key))) {
                file.values.put(key, value);
              }
            });
    return file;
  }

  private static boolean overlaps(String own, String key) {
    return own.equals(key) || own.startsWith(key + ".") || key.startsWith(own + ".");
  }

  private void flatten(String path, JsonNode node) {
    if (node.isObject() && !node.isEmpty()) {
      node.properties()
          .forEach(
              e -> flatten(path.isEmpty() ? e.getKey() : path + "." + e.getKey(), e.getValue()));
    } else {
      values.put(path, number(node));
    }
  }

  private static JsonNode number(JsonNode node) {
    return node.isTextual() && node.asText().matches(EXPONENT)
        ? JsonNodeFactory.instance.numberNode(Double.parseDouble(node.asText()))
        : node;
  }

  String name() {
    return name;
  }

  List<Problem> problems() {
    return problems;
  }

  void problem(String key, String message) {
    problems.add(Problem.of(name + " " + key, message));
  }

  /** The value; missing where it is null or not there. */
  JsonNode value(String key) {
    JsonNode value = values.get(key);
    return value == null || value.isNull() ? MissingNode.getInstance() : value;
  }

  boolean has(String prefix) {
    return values.keySet().stream().anyMatch(key -> key.startsWith(prefix));
  }

  double number(String key) {
    JsonNode value = value(key);
    if (!value.isNumber()) {
      problem(key, "is %s, must be a number".formatted(shown(key)));
    }
    return value.asDouble();
  }

  long whole(String key) {
    JsonNode value = value(key);
    if (!value.canConvertToExactIntegral() || !value.canConvertToLong()) {
      problem(key, "is %s, must be a whole number".formatted(shown(key)));
      return 0;
    }
    return value.asLong();
  }

  /** A number of epochs in steps. */
  long steps(String key) {
    long epochs = whole(key);
    long length = whole("train.OFFICIAL_EPOCH_LENGTH");
    if (epochs < 0 || length < 0 || epochs > Integer.MAX_VALUE || length > Integer.MAX_VALUE) {
      problem(key, "is %s epochs of %d steps, which cannot be".formatted(shown(key), length));
      return 0;
    }
    return epochs * length;
  }

  boolean flag(String key) {
    JsonNode value = value(key);
    if (!value.isBoolean()) {
      problem(key, "is %s, must be true or false".formatted(shown(key)));
    }
    return value.asBoolean();
  }

  String text(String key) {
    return value(key).asText("");
  }

  /** Says of a key, or of those under it where it ends in a dot, that nothing depends on it. */
  void unused(String key, String because) {
    unused.putIfAbsent(key, because);
  }

  /** Says of a key, or of those under it, that it is not honoured though it usually is. */
  void refuse(String key, String because) {
    refused.putIfAbsent(key, because);
  }

  /** The fields that take single values, as a tree of the fields' paths. */
  ObjectNode fields() {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    values.forEach(
        (key, value) ->
            OfficialTable.row(key)
                .flatMap(OfficialTable.Row::to)
                .ifPresent(path -> taken(key, value).ifPresent(v -> put(fields, path, v))));
    return fields;
  }

  private static Optional<JsonNode> taken(String key, JsonNode value) {
    return value.isNull()
        ? OfficialTable.row(key).flatMap(OfficialTable.Row::forNull)
        : Optional.of(value);
  }

  private static void put(ObjectNode tree, String path, JsonNode value) {
    int dot = path.indexOf('.');
    if (dot < 0) {
      tree.set(path, value);
    } else {
      put(tree.withObject("/" + path.substring(0, dot)), path.substring(dot + 1), value);
    }
  }

  /** Every key with what became of it. */
  List<OfficialKey> keys() {
    List<OfficialKey> keys = new ArrayList<>();
    values.forEach((key, value) -> keys.add(key(key, value)));
    return keys;
  }

  private OfficialKey key(String key, JsonNode value) {
    Optional<OfficialTable.Row> found = OfficialTable.row(key);
    if (found.isEmpty()) {
      String nearest =
          NearestName.of(key, OfficialTable.keys())
              .map(near -> "; did you mean \"" + near + "\"?")
              .orElse("");
      return key(key, Fate.UNKNOWN, "no official key that is known here" + nearest);
    }
    OfficialTable.Row row = found.get();
    Optional<String> refusal = said(refused, key);
    if (refusal.isPresent()) {
      return key(key, Fate.NOT_HONOURED, refusal.get());
    }
    Optional<String> reason = said(unused, key);
    if (reason.isPresent()) {
      return key(key, Fate.SAME, reason.get());
    }
    if (row.old() && has("schedules.")) {
      return key(key, Fate.SAME, "not read where there is a schedules section");
    }
    if (row.to().isPresent()) {
      return taken(key, value).isPresent()
          ? key(key, Fate.MAPPED, row.to().get())
          : key(key, Fate.NOT_HONOURED, "says nothing; " + row.to().get() + " keeps its default");
    }
    if (row.makes().isPresent()) {
      return key(key, Fate.MAPPED, row.makes().get().replace("*", key.split("\\.", 3)[1]));
    }
    if (row.only().contains(value) || (value.isNull() && !row.only().isEmpty())) {
      return key(key, Fate.SAME, "as it is done here");
    }
    return key(key, Fate.NOT_HONOURED, row.because());
  }

  private static Optional<String> said(Map<String, String> byKey, String key) {
    return byKey.entrySet().stream()
        .filter(
            e -> key.equals(e.getKey()) || (e.getKey().endsWith(".") && key.startsWith(e.getKey())))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private OfficialKey key(String key, Fate fate, String remark) {
    Origin origin = given.contains(key) ? Origin.FILE : Origin.DEFAULT;
    return new OfficialKey(name, key, shown(key), origin, fate, remark);
  }

  private String shown(String key) {
    String text = String.valueOf(values.get(key));
    return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "...";
  }
}
