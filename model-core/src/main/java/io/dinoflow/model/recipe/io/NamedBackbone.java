package io.dinoflow.model.recipe.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.recipe.BackboneFamily;
import io.dinoflow.model.recipe.BackboneRecipe;
import java.util.List;
import java.util.Optional;

/**
 * Writes out a backbone that a recipe names: {@code student: vits16}, or {@code student: {name:
 * vits16, drop_path_rate: 0.1}} with single fields of its own. The canonical form holds the fields,
 * never the name, so that both ways to write a backbone are one recipe.
 */
final class NamedBackbone {
  private static final String NAME = "name";
  private static final String ARCH = "arch";

  private NamedBackbone() {}

  /** Whether the tree names a backbone. */
  static boolean isNamed(JsonNode given) {
    return given.isTextual() || given.has(NAME);
  }

  /** The named backbone's fields with the given ones over them; a wrong name is a problem. */
  static Optional<JsonNode> expanded(
      ObjectMapper mapper, JsonNode given, String path, List<Problem> problems) {
    JsonNode name = given.isTextual() ? given : given.get(NAME);
    String at = given.isTextual() ? path : path + "." + NAME;
    Optional<BackboneRecipe> known = BackboneFamily.find(name.asText());
    if (known.isEmpty()) {
      List<String> names = BackboneFamily.names();
      problems.add(
          new Problem(
              at,
              "is %s, must be one of %s".formatted(name, names),
              NearestName.of(name.asText(), names)));
      return Optional.empty();
    }
    ObjectNode fields = mapper.valueToTree(known.get());
    String arch = fields.get(ARCH).asText();
    if (given.has(ARCH) && !given.get(ARCH).asText().equals(arch)) {
      problems.add(
          Problem.of(
              path + "." + ARCH,
              "is %s, but %s is a %s: leave it out".formatted(given.get(ARCH), name, arch)));
      return Optional.empty();
    }
    given
        .properties()
        .forEach(
            field -> {
              if (!field.getKey().equals(NAME)) {
                fields.set(field.getKey(), field.getValue());
              }
            });
    return Optional.of(fields);
  }
}
