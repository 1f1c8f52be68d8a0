package io.dinoflow.ops.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.dinoflow.ops.ShippedRecipes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Set;

/** The shipped recipe {@code tiny}, cut and changed for a test; ends as a pipeline's input. */
public final class TinyRecipe {
  private static final ObjectMapper YAML = new YAMLMapper();

  private final ObjectNode recipe;
  private boolean reuse = true;
  private int profileSteps;

  private TinyRecipe(ObjectNode recipe) {
    this.recipe = recipe;
  }

  public static TinyRecipe whole() {
    try {
      return new TinyRecipe(
          (ObjectNode) YAML.readTree(new ShippedRecipes().text("tiny").orElseThrow()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Only these stages. */
  public TinyRecipe stages(String... names) {
    ArrayNode kept = YAML.createArrayNode();
    recipe
        .get("stages")
        .forEach(
            stage -> {
              if (Set.of(names).contains(stage.get("name").asText())) {
                kept.add(stage);
              }
            });
    recipe.set("stages", kept);
    return this;
  }

  /** Sets a field of a stage; dots lead into objects. */
  public TinyRecipe with(String stage, String path, Object value) {
    ObjectNode at = stage(stage);
    String[] steps = path.split("\\.");
    for (int i = 0; i < steps.length - 1; i++) {
      at = at.withObjectProperty(steps[i]);
    }
    at.set(steps[steps.length - 1], YAML.valueToTree(value));
    return this;
  }

  public TinyRecipe seed(long seed) {
    recipe.put("seed", seed);
    return this;
  }

  public TinyRecipe withoutReuse() {
    reuse = false;
    return this;
  }

  /** The first steps of each training stage are recorded. */
  public TinyRecipe profiling(int steps) {
    profileSteps = steps;
    return this;
  }

  /** The stage as the recipe has it, to be changed in place. */
  public ObjectNode stage(String name) {
    for (JsonNode stage : recipe.get("stages")) {
      if (stage.get("name").asText().equals(name)) {
        return (ObjectNode) stage;
      }
    }
    throw new IllegalArgumentException("no stage " + name);
  }

  public JsonNode request() {
    ObjectNode request = YAML.createObjectNode();
    request.set("recipe", recipe);
    if (!reuse) {
      request.put("reuse", false);
    }
    if (profileSteps > 0) {
      request.put("profile", profileSteps);
    }
    return request;
  }
}
