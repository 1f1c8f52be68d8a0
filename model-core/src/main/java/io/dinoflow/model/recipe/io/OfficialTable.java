package io.dinoflow.model.recipe.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is known of the official configurations: {@code official.yaml}, read. */
final class OfficialTable {
  private static final JsonNode TABLE = load();
  private static final Map<String, Row> ROWS = rows();

  private OfficialTable() {}

  /**
   * How one key is read; at most one of {@code to}, {@code makes} and {@code only} is there.
   *
   * @param byDefault the value where a file leaves the key out
   * @param to the field that takes the value
   * @param forNull the field's value where this one is null
   * @param makes the field that it and others make
   * @param only the values that need nothing
   * @param because why any other value, or the key itself, is not honoured
   * @param old whether the key counts only where there is no {@code schedules} section
   */
  record Row(
      Optional<JsonNode> byDefault,
      Optional<String> to,
      Optional<JsonNode> forNull,
      Optional<String> makes,
      List<JsonNode> only,
      String because,
      boolean old) {}

  private static JsonNode load() {
    try (InputStream in = OfficialTable.class.getResourceAsStream("official.yaml")) {
      return new YAMLMapper().readTree(in);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the table of official keys", e);
    }
  }

  private static Map<String, Row> rows() {
    Map<String, Row> rows = new LinkedHashMap<>();
    TABLE.get("keys").properties().forEach(e -> rows.put(e.getKey(), row(e.getValue())));
    return rows;
  }

  private static Row row(JsonNode line) {
    List<JsonNode> only = new ArrayList<>();
    line.path("only").forEach(only::add);
    return new Row(
        Optional.ofNullable(line.get("is")),
        Optional.ofNullable(line.get("to")).map(JsonNode::asText),
        Optional.ofNullable(line.get("null")),
        Optional.ofNullable(line.get("makes")).map(JsonNode::asText),
        List.copyOf(only),
        line.path("else").asText(line.path("not").asText()),
        line.path("old").asBoolean());
  }

  /** The key's line, or that of the pattern it fits. */
  static Optional<Row> row(String key) {
    Row exact = ROWS.get(key);
    if (exact != null) {
      return Optional.of(exact);
    }
    return ROWS.entrySet().stream()
        .filter(e -> e.getKey().contains("*") && fits(key, e.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  private static boolean fits(String key, String pattern) {
    String[] parts = key.split("\\.");
    String[] wanted = pattern.split("\\.");
    boolean fits = parts.length == wanted.length;
    for (int i = 0; fits && i < parts.length; i++) {
      fits = wanted[i].equals("*") || wanted[i].equals(parts[i]);
    }
    return fits;
  }

  static Collection<String> keys() {
    return ROWS.keySet();
  }

  /** Official values of keys that a file may leave out, in the table's order. */
  static Map<String, JsonNode> defaults() {
    Map<String, JsonNode> defaults = new LinkedHashMap<>();
    ROWS.forEach((key, row) -> row.byDefault().ifPresent(value -> defaults.put(key, value)));
    return defaults;
  }

  /** Sizes by official name of an architecture. */
  static JsonNode archs() {
    return TABLE.get("archs");
  }

  /** Official name of an architecture by what a student's name begins with. */
  static JsonNode students() {
    return TABLE.get("students");
  }

  /** The stage that stands for a teacher whose file was not given. */
  static JsonNode teacher() {
    return TABLE.get("teacher");
  }
}
