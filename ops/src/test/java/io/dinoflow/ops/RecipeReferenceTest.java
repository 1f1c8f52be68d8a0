package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.dinoflow.model.recipe.io.RecipeFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The recipe reference says what the template says: types, fields, defaults, in the same order. */
class RecipeReferenceTest {
  private static final Path PAGE =
      Path.of(System.getProperty("dinoflow.root"), "ops/docs/recipes.md");
  private static final Pattern TYPE = Pattern.compile("## `([a-z_.]+)`");
  private static final Pattern ROW = Pattern.compile("\\| `([a-z0-9_]+)` \\| (.+?) \\| (.+) \\|");
  private static final YAMLMapper YAML = new YAMLMapper();

  private final JsonNode template = template();

  @Test
  void namesEveryFieldWithItsDefault() throws IOException {
    Map<String, List<String>> page = new LinkedHashMap<>();
    documented().forEach((type, rows) -> page.put(type, rows.stream().map(Row::claim).toList()));
    Map<String, List<String>> truth = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> type : template.get("types").properties()) {
      List<String> fields = new ArrayList<>();
      for (Map.Entry<String, JsonNode> field : type.getValue().properties()) {
        fields.add(field.getKey() + " = " + claim(field.getValue()));
      }
      truth.put(type.getKey(), fields);
    }

    assertThat(page).hasSizeGreaterThan(20).isEqualTo(truth);
    assertThat(page.keySet()).containsExactlyElementsOf(truth.keySet());
  }

  @Test
  void saysWhatEveryFieldMeans() throws IOException {
    assertThat(documented().values().stream().flatMap(List::stream))
        .allSatisfy(row -> assertThat(row.meaning()).hasSizeGreaterThan(4));
  }

  @Test
  void namesEveryFamilyWithItsChoices() throws IOException {
    String text = Files.readString(PAGE);
    for (Map.Entry<String, JsonNode> family : template.get("families").properties()) {
      String name = family.getKey();
      List<String> choices = new ArrayList<>();
      template
          .get("types")
          .fieldNames()
          .forEachRemaining(
              type -> {
                if (type.startsWith(name + ".")) {
                  String choice = type.substring(name.length() + 1);
                  choices.add("[`%s`](#%s%s)".formatted(choice, name, choice));
                }
              });
      assertThat(choices).isNotEmpty();
      assertThat(text)
          .contains(
              "| `%s` | `%s` | %s |"
                  .formatted(name, family.getValue().asText(), String.join(", ", choices)));
    }
  }

  private static Map<String, List<Row>> documented() throws IOException {
    Map<String, List<Row>> types = new LinkedHashMap<>();
    List<Row> rows = new ArrayList<>();
    for (String line : Files.readAllLines(PAGE)) {
      Matcher type = TYPE.matcher(line);
      Matcher row = ROW.matcher(line);
      if (type.matches()) {
        rows = new ArrayList<>();
        types.put(type.group(1), rows);
      } else if (row.matches() && !types.isEmpty()) {
        rows.add(new Row(row.group(1), row.group(2), row.group(3)));
      }
    }
    return types;
  }

  /** What the page has to say about a field: see the head of the template for the marks. */
  private String claim(JsonNode value) {
    String mark = value.isTextual() ? value.asText() : "";
    if (mark.endsWith("]")) {
      String element = mark.replaceAll("[-+\\[\\]]", "");
      return (mark.startsWith("+") ? "required: " : "")
          + ("list of " + link(element))
          + (mark.startsWith("-") ? ", none where left out" : "");
    }
    if (mark.startsWith("!")) {
      return "required: " + link(mark.substring(1));
    }
    return mark.startsWith("@") ? link(mark.substring(1)) : value.toString();
  }

  private String link(String type) {
    return template.get("types").has(type) || template.get("families").has(type)
        ? "[%s](#%s)".formatted(type, type)
        : type;
  }

  private static JsonNode template() {
    try (InputStream in = RecipeFormat.class.getResourceAsStream("template.yaml")) {
      return YAML.readTree(in);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** A line of a table; a default in backticks is YAML. */
  private record Row(String field, String value, String meaning) {
    String claim() {
      try {
        String plain =
            value.startsWith("`")
                ? YAML.readTree(value.substring(1, value.length() - 1)).toString()
                : value;
        return field + " = " + plain;
      } catch (IOException e) {
        throw new java.io.UncheckedIOException(e);
      }
    }
  }
}
