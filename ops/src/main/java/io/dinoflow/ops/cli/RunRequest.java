package io.dinoflow.ops.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a person typed, as the one JSON that the command line, the Web UI and schedules submit:
 * {@code {"recipe":"demo","overrides":{"pretrain.steps":2000},"data":"emoji","reuse":false}}, and
 * {@code "profile":20} where steps are to be recorded.
 */
final class RunRequest {
  private static final int PROFILE_STEPS_MAX = 1000;
  private static final ObjectMapper YAML = new YAMLMapper();

  private final String recipe;
  private final ObjectNode json;

  private RunRequest(String recipe, ObjectNode json) {
    this.recipe = recipe;
    this.json = json;
  }

  /**
   * @param recipe a shipped recipe's name, or a YAML or JSON file
   * @param settings {@code key=value}, values as YAML
   */
  static RunRequest of(String recipe, List<String> settings, Optional<String> data, Reuse reuse) {
    ObjectNode json = YAML.createObjectNode();
    Optional<Path> file = file(recipe);
    if (file.isPresent()) {
      json.set("recipe", tree(file.get()));
    } else {
      json.put("recipe", recipe);
    }
    ObjectNode overrides = YAML.createObjectNode();
    overrides(settings).forEach(overrides::set);
    if (!overrides.isEmpty()) {
      json.set("overrides", overrides);
    }
    data.ifPresent(name -> json.put("data", absoluteIfFile(name)));
    if (reuse == Reuse.NEVER) {
      json.put("reuse", false);
    }
    String name =
        file.map(path -> path.getFileName().toString().replaceFirst("\\.[a-z]+$", ""))
            .orElse(recipe);
    return new RunRequest(name, json);
  }

  /** The same run, of whose training stages the first steps are recorded. */
  RunRequest profiling(Optional<Integer> steps) {
    return new RunRequest(recipe, profiling(json, steps));
  }

  /** The same for a request that is there as JSON already. */
  static ObjectNode profiling(ObjectNode request, Optional<Integer> steps) {
    ObjectNode profiled = request.deepCopy();
    steps.ifPresent(
        n -> {
          if (n < 1 || n > PROFILE_STEPS_MAX) {
            throw CliFailure.usage(
                "--profile " + n + " cannot be used",
                "it is a number of steps from 1 to " + PROFILE_STEPS_MAX,
                "repeat with --profile 20");
          }
          profiled.put("profile", n);
        });
    return profiled;
  }

  /** Settings as {@code --set} takes them, by path. */
  static Map<String, JsonNode> overrides(List<String> settings) {
    Map<String, JsonNode> overrides = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw CliFailure.usage(
            "--set " + setting + " cannot be used",
            "it must be key=value, such as pretrain.steps=2000",
            "repeat with --set KEY=VALUE");
      }
      overrides.put(setting.substring(0, equals), value(setting, setting.substring(equals + 1)));
    }
    return overrides;
  }

  /** Whether stages that were computed before are taken over. */
  enum Reuse {
    ALLOWED,
    NEVER
  }

  JsonNode json() {
    return json;
  }

  /** The recipe's name, or that of its file: the first part of the run's id. */
  String recipeName() {
    return recipe.replaceAll("[^A-Za-z0-9._-]", "-");
  }

  private static Optional<Path> file(String recipe) {
    try {
      return Optional.of(Path.of(recipe)).filter(Files::isRegularFile);
    } catch (InvalidPathException notAPath) {
      return Optional.empty();
    }
  }

  /** Workers run in another folder than the person who typed a relative path. */
  static String absoluteIfFile(String data) {
    try {
      Path path = Path.of(data);
      return Files.exists(path) ? path.toAbsolutePath().normalize().toString() : data;
    } catch (InvalidPathException notAPath) {
      return data;
    }
  }

  private static JsonNode tree(Path file) {
    try {
      return YAML.readTree(Files.readString(file));
    } catch (JsonProcessingException e) {
      throw CliFailure.usage(
          "the recipe " + file + " cannot be read",
          e.getOriginalMessage() + " at line " + e.getLocation().getLineNr(),
          "`dinoflow recipe validate " + file + "` lists every problem");
    } catch (IOException e) {
      throw CliFailure.usage(
          "the recipe " + file + " cannot be read", String.valueOf(e), "check the file");
    }
  }

  private static JsonNode value(String setting, String text) {
    try {
      return YAML.readTree(text);
    } catch (JsonProcessingException e) {
      throw CliFailure.usage(
          "--set " + setting + " cannot be used",
          "the value is no YAML: " + e.getOriginalMessage(),
          "quote it");
    }
  }
}
