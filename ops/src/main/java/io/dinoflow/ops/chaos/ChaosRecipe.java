package io.dinoflow.ops.chaos;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The pipeline that is disturbed; a request for it, with reuse off so that every step is run. */
final class ChaosRecipe {
  private static final ObjectMapper YAML = new YAMLMapper();

  private ChaosRecipe() {}

  static JsonNode request() {
    ObjectNode request = YAML.createObjectNode();
    request.set("recipe", recipe());
    request.put("reuse", false);
    return request;
  }

  private static JsonNode recipe() {
    try (InputStream text = ChaosRecipe.class.getResourceAsStream("chaos.yaml")) {
      return YAML.readTree(Objects.requireNonNull(text, "chaos.yaml is not in the program"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The last step of a training stage. */
  static long steps(String stage) {
    for (JsonNode each : recipe().get("stages")) {
      if (each.get("name").asText().equals(stage)) {
        return each.get("steps").asLong();
      }
    }
    throw new IllegalArgumentException("no stage " + stage);
  }
}
