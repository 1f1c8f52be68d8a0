package io.dinoflow.model.recipe.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.model.recipe.ComputeRecipe;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.recipe.DataRecipe;
import io.dinoflow.model.recipe.GramTeacherRecipe;
import io.dinoflow.model.recipe.HeadRecipe;
import io.dinoflow.model.recipe.HealthRecipe;
import io.dinoflow.model.recipe.LossRecipe;
import io.dinoflow.model.recipe.MemoryRecipe;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.Remedy;
import io.dinoflow.model.recipe.Schedule;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.StudentRecipe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lays a given tree over the template's defaults and reports whatever does not fit, all of it.
 *
 * <p>Each object is also bound to its record, so that a record's own checks are reported with the
 * path.
 */
final class RecipeTemplate {
  private static final String BACKBONE = "backbone";
  private static final JsonNode TEMPLATE = load();
  private static final JsonNode TYPES = TEMPLATE.get("types");
  private static final JsonNode FAMILIES = TEMPLATE.get("families");
  private static final Map<String, Class<?>> RECORDS =
      Map.ofEntries(
          Map.entry("pipeline", PipelineRecipe.class),
          Map.entry("compute", ComputeRecipe.class),
          Map.entry("data", DataRecipe.class),
          Map.entry("stage", StageRecipe.class),
          Map.entry("start", Start.class),
          Map.entry("gram", GramTeacherRecipe.class),
          Map.entry("gram_loss", GramTeacherRecipe.GramLossRecipe.class),
          Map.entry(BACKBONE, BackboneRecipe.class),
          Map.entry("head", HeadRecipe.class),
          Map.entry("crops", CropRecipe.class),
          Map.entry("size", CropRecipe.Size.class),
          Map.entry("losses", LossRecipe.class),
          Map.entry("optim", OptimizerRecipe.class),
          Map.entry("lr", Schedule.class),
          Map.entry("weight_decay", Schedule.class),
          Map.entry("momentum", Schedule.class),
          Map.entry("teacher_temp", Schedule.class),
          Map.entry("one", Schedule.class),
          Map.entry("two", Schedule.class),
          Map.entry("memory", MemoryRecipe.class),
          Map.entry("checkpointing", CheckpointPolicy.class),
          Map.entry("health", HealthRecipe.class),
          Map.entry("on_divergence", Remedy.class),
          Map.entry("range", HealthRecipe.Range.class),
          Map.entry("group", StageRecipe.Distill.Group.class),
          Map.entry("student", StudentRecipe.class),
          Map.entry("text_tower", StageRecipe.AlignText.TextTowerRecipe.class));

  private final ObjectMapper mapper;
  private final List<Problem> problems = new ArrayList<>();

  RecipeTemplate(ObjectMapper mapper) {
    this.mapper = mapper;
  }

  private static JsonNode load() {
    try (InputStream in = RecipeTemplate.class.getResourceAsStream("template.yaml")) {
      return new YAMLMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the recipe template", e);
    }
  }

  List<Problem> problems() {
    return problems;
  }

  /** The complete tree of a type; meaningful only if there are no problems. */
  JsonNode complete(String type, JsonNode given, String path) {
    int before = problems.size();
    if (type.equals(BACKBONE) && NamedBackbone.isNamed(given)) {
      return NamedBackbone.expanded(mapper, given, path, problems)
          .map(fields -> complete(type, fields, path))
          .orElse(given);
    }
    if (!given.isObject()) {
      problem(path, given, "an object");
      return given;
    }
    Optional<JsonNode> template = templateOf(type, given, path);
    if (template.isEmpty()) {
      return given;
    }
    List<String> keys = names(template.get());
    for (String key : names(given)) {
      if (!keys.contains(key)) {
        problems.add(new Problem(join(path, key), "is no field here", NearestName.of(key, keys)));
      }
    }
    ObjectNode result = JsonNodeFactory.instance.objectNode();
    for (String key : keys) {
      result.set(key, field(template.get().get(key), given.path(key), join(path, key)));
    }
    if (problems.size() == before) {
      bind(type, result, path);
    }
    return result;
  }

  /** The type's fields; for a family, those of the choice that its key names. */
  private Optional<JsonNode> templateOf(String type, JsonNode given, String path) {
    JsonNode key = FAMILIES.get(type);
    if (key == null) {
      return Optional.of(TYPES.get(type));
    }
    List<String> choices =
        names(TYPES).stream()
            .filter(name -> name.startsWith(type + "."))
            .map(name -> name.substring(type.length() + 1))
            .toList();
    String choice = given.path(key.asText()).asText("");
    if (!choices.contains(choice)) {
      problems.add(
          new Problem(
              join(path, key.asText()),
              "is \"%s\", must be one of %s".formatted(choice, choices),
              NearestName.of(choice, choices)));
      return Optional.empty();
    }
    return Optional.of(TYPES.get(type + "." + choice));
  }

  private JsonNode field(JsonNode template, JsonNode given, String path) {
    String mark = template.isTextual() ? template.asText() : "";
    if (mark.endsWith("]")) {
      return list(mark, given, path);
    }
    if (mark.startsWith("@") || mark.startsWith("!")) {
      return marked(mark, given, path);
    }
    if (given.isMissingNode()) {
      return template;
    }
    if (template.isArray()) {
      return array(template, given, path);
    }
    scalar(kindOf(template), given, path);
    return given;
  }

  private JsonNode marked(String mark, JsonNode given, String path) {
    String type = mark.substring(1);
    if (given.isMissingNode() && mark.startsWith("!")) {
      problems.add(Problem.of(path, "is missing, must be given"));
      return JsonNodeFactory.instance.nullNode();
    }
    if (isType(type)) {
      return complete(type, given.isMissingNode() ? absent(type) : given, path);
    }
    scalar(type, given, path);
    return given;
  }

  private JsonNode list(String mark, JsonNode given, String path) {
    boolean required = mark.startsWith("+");
    boolean usuallyEmpty = mark.startsWith("-");
    String element = mark.substring(required || usuallyEmpty ? 2 : 1, mark.length() - 1);
    ArrayNode result = JsonNodeFactory.instance.arrayNode();
    if (given.isMissingNode() && usuallyEmpty) {
      return result;
    }
    if (given.isMissingNode() && !required) {
      return result.add(complete(element, absent(element), path + "[0]"));
    }
    if (!given.isArray()) {
      problem(path, given, "a list");
      return result;
    }
    for (int i = 0; i < given.size(); i++) {
      String at = path + "[" + i + "]";
      if (isType(element)) {
        result.add(complete(element, given.get(i), at));
      } else {
        scalar(element, given.get(i), at);
        result.add(given.get(i));
      }
    }
    return result;
  }

  private JsonNode array(JsonNode template, JsonNode given, String path) {
    if (!given.isArray()) {
      problem(path, given, "a list");
      return template;
    }
    for (int i = 0; i < given.size(); i++) {
      scalar(kindOf(template.get(0)), given.get(i), path + "[" + i + "]");
    }
    return given;
  }

  private void scalar(String kind, JsonNode value, String path) {
    switch (kind) {
      case "text" -> require(value.isTextual(), path, value, "text");
      case "whole" ->
          require(
              value.isIntegralNumber() && value.canConvertToLong(), path, value, "a whole number");
      case "number" -> require(value.isNumber(), path, value, "a number");
      case "flag" -> require(value.isBoolean(), path, value, "true or false");
      default -> throw new IllegalStateException("the template names no type " + kind);
    }
  }

  private void require(boolean holds, String path, JsonNode value, String wanted) {
    if (!holds) {
      problem(path, value, wanted);
    }
  }

  private void problem(String path, JsonNode value, String wanted) {
    String text = value instanceof MissingNode ? "missing" : value.toString();
    String brief = text.length() <= 40 ? text : text.substring(0, 40) + "...";
    problems.add(Problem.of(path, "is %s, must be %s".formatted(brief, wanted)));
  }

  private static String kindOf(JsonNode template) {
    if (template.isIntegralNumber()) {
      return "whole";
    }
    if (template.isNumber()) {
      return "number";
    }
    return template.isBoolean() ? "flag" : "text";
  }

  /** What stands for an object that is left out: nothing given, or the family's usual choice. */
  private static JsonNode absent(String type) {
    ObjectNode nothing = JsonNodeFactory.instance.objectNode();
    JsonNode choice = TEMPLATE.get("choices").get(type);
    if (choice != null) {
      nothing.set(FAMILIES.get(type).asText(), choice);
    }
    return nothing;
  }

  private static boolean isType(String name) {
    return TYPES.has(name) || FAMILIES.has(name);
  }

  private void bind(String type, JsonNode tree, String path) {
    Class<?> record = RECORDS.get(type);
    if (record == null) {
      throw new IllegalStateException("no record for the template's type " + type);
    }
    try {
      mapper.treeToValue(tree, record);
    } catch (ValueInstantiationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      problems.add(Problem.of(path, String.valueOf(cause.getMessage())));
    } catch (JsonProcessingException e) {
      problems.add(Problem.of(path, e.getOriginalMessage()));
    }
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }

  private static String join(String path, String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
