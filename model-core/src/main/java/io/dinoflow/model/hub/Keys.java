package io.dinoflow.model.hub;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The keys of one JSON file, each asked for once with what it may be. A wrong value and a key that
 * nobody asked for are refused by name: a setting that is not honoured must not pass unseen.
 */
final class Keys {
  private final String file;
  private final JsonNode json;
  private final Set<String> asked = new HashSet<>();
  private final List<String> problems = new ArrayList<>();

  Keys(String file, JsonNode json) {
    this.file = file;
    this.json = json;
    if (!json.isObject()) {
      throw new UnsupportedModelException(file + " is no JSON object");
    }
  }

  /** Keys that change nothing of what a model computes. */
  Keys ignored(List<String> names) {
    asked.addAll(names);
    return this;
  }

  private JsonNode ask(String key) {
    asked.add(key);
    return json.path(key);
  }

  private static boolean absent(JsonNode node) {
    return node.isMissingNode() || node.isNull();
  }

  private void problem(String key, JsonNode value, String wanted) {
    problems.add(
        "\"%s\" is %s, must be %s"
            .formatted(key, value.isMissingNode() ? "missing" : value.toString(), wanted));
  }

  int whole(String key, int otherwise) {
    JsonNode node = ask(key);
    if (absent(node)) {
      return otherwise;
    }
    if (!node.isIntegralNumber() || !node.canConvertToInt() || node.asInt() < 0) {
      problem(key, node, "a whole number");
      return otherwise;
    }
    return node.asInt();
  }

  int whole(String key) {
    if (absent(ask(key))) {
      problem(key, ask(key), "a whole number");
    }
    return whole(key, 1);
  }

  /** A side: a number, or two equal ones. */
  int side(String key, int otherwise) {
    JsonNode node = ask(key);
    if (node.isArray()) {
      if (node.size() != 2 || !node.get(0).isInt() || !node.get(0).equals(node.get(1))) {
        problem(key, node, "one side, as pictures and patches are squares");
        return otherwise;
      }
      return node.get(0).asInt();
    }
    return whole(key, otherwise);
  }

  double number(String key, double otherwise) {
    JsonNode node = ask(key);
    if (absent(node)) {
      return otherwise;
    }
    if (!node.isNumber()) {
      problem(key, node, "a number");
      return otherwise;
    }
    return node.asDouble();
  }

  boolean flag(String key, boolean otherwise) {
    JsonNode node = ask(key);
    if (absent(node)) {
      return otherwise;
    }
    if (!node.isBoolean()) {
      problem(key, node, "true or false");
    }
    return node.asBoolean(otherwise);
  }

  String text(String key, String otherwise) {
    JsonNode node = ask(key);
    if (absent(node)) {
      return otherwise;
    }
    if (!node.isTextual()) {
      problem(key, node, "text");
    }
    return node.asText();
  }

  List<Integer> wholes(String key, List<Integer> otherwise) {
    JsonNode node = ask(key);
    if (absent(node)) {
      return otherwise;
    }
    List<Integer> numbers = new ArrayList<>();
    for (JsonNode n : node) {
      if (n.isInt() && n.asInt() > 0) {
        numbers.add(n.asInt());
      }
    }
    if (!node.isArray() || numbers.size() != node.size()) {
      problem(key, node, "a list of whole numbers");
    }
    return numbers;
  }

  List<Double> numbers(String key, List<Double> otherwise) {
    JsonNode node = ask(key);
    if (absent(node)) {
      return otherwise;
    }
    List<Double> numbers = new ArrayList<>();
    for (JsonNode n : node) {
      if (n.isNumber()) {
        numbers.add(n.asDouble());
      }
    }
    if (!node.isArray() || numbers.size() != node.size()) {
      problem(key, node, "a list of numbers");
    }
    return numbers;
  }

  JsonNode node(String key) {
    return ask(key);
  }

  /** A condition on a key that was read. */
  void require(boolean holds, String key, String wanted) {
    if (!holds) {
      problem(key, json.path(key), wanted);
    }
  }

  /** Refuses every wrong and every unknown key together. */
  void check() {
    json.fieldNames()
        .forEachRemaining(
            key -> {
              if (!asked.contains(key)) {
                problems.add("\"%s\" (%s) is not known".formatted(key, json.get(key)));
              }
            });
    if (!problems.isEmpty()) {
      throw new UnsupportedModelException(
          "%s asks for what dinoflow cannot honour: %s"
              .formatted(file, String.join("; ", problems)));
    }
  }
}
