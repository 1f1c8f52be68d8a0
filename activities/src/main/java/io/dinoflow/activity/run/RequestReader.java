package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dinoflow.activity.run.RecipeReader.RecipeProblems;
import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.recipe.GramTeacherRecipe;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the pipeline's input strictly: every problem of it in one failure. */
final class RequestReader {
  private static final Set<String> FIELDS =
      Set.of("recipe", "overrides", "data", "reuse", "profile");
  private static final int PROFILE_STEPS_MAX = 1000;
  private static final String FORM =
      "{\"recipe\": \"demo\", \"overrides\": {\"pretrain.steps\": 2000}, \"data\": \"emoji\","
          + " \"reuse\": true}";

  private final RecipeReader recipes;

  RequestReader(RecipeReader recipes) {
    this.recipes = recipes;
  }

  /**
   * A request that is right in every respect.
   *
   * @param profileSteps how many first steps of each training stage are recorded; no part of what
   *     identifies the run
   */
  record Accepted(RunId run, PipelineRecipe recipe, boolean reuse, int profileSteps) {}

  Accepted read(OpenRequest open) {
    List<String> problems = new ArrayList<>();
    return read(open, problems).orElseThrow(() -> rejected(problems));
  }

  /** Empty where there are problems, which are added to the list. */
  Optional<Accepted> read(OpenRequest open, List<String> problems) {
    int before = problems.size();
    Optional<RunId> run = run(open.workflowId(), problems);
    JsonNode request = open.request();
    int characters = request.toString().length();
    if (characters > RecipeFormat.CHARACTERS_MAX) {
      problems.add(
          "the input has %,d characters, must have at most %,d"
              .formatted(characters, RecipeFormat.CHARACTERS_MAX));
      throw rejected(problems);
    }
    if (!request.isObject()) {
      problems.add(
          "the input is %s, must be a JSON object such as %s".formatted(what(request), FORM));
      return Optional.empty();
    }
    request
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!FIELDS.contains(name)) {
                problems.add(
                    "%s: unknown field; known are recipe, overrides, data, reuse, profile"
                        .formatted(name));
              }
            });
    Map<String, JsonNode> overrides = overrides(request, problems);
    boolean reuse = reuse(request, problems);
    int profileSteps = profileSteps(request, problems);
    Optional<PipelineRecipe> recipe = recipe(request, overrides, problems);
    recipe.ifPresent(r -> problems.addAll(contradictions(r)));
    return problems.size() > before || run.isEmpty() || recipe.isEmpty()
        ? Optional.empty()
        : Optional.of(new Accepted(run.get(), recipe.get(), reuse, profileSteps));
  }

  static RuntimeException rejected(List<String> problems) {
    String head =
        problems.size() == 1
            ? "The run was not started, because of 1 problem:"
            : "The run was not started, because of %d problems:".formatted(problems.size());
    return FailureMapper.lasting(
        Failures.BAD_CONFIG, head + "\n- " + String.join("\n- ", problems));
  }

  private static Optional<RunId> run(String workflowId, List<String> problems) {
    try {
      return Optional.of(new RunId(workflowId));
    } catch (IllegalArgumentException e) {
      problems.add("workflow id: " + e.getMessage());
      return Optional.empty();
    }
  }

  private static Map<String, JsonNode> overrides(JsonNode request, List<String> problems) {
    Map<String, JsonNode> overrides = new LinkedHashMap<>();
    JsonNode given = request.path("overrides");
    if (given.isObject()) {
      given.properties().forEach(e -> overrides.put(e.getKey(), e.getValue()));
    } else if (!given.isMissingNode() && !given.isNull()) {
      problems.add(
          "overrides: is %s, must be an object of paths and values such as {\"pretrain.steps\": 2000}"
              .formatted(what(given)));
    }
    JsonNode data = request.path("data");
    if (data.isTextual()) {
      overrides.put("data.source", TextNode.valueOf(data.textValue()));
    } else if (!data.isMissingNode() && !data.isNull()) {
      problems.add("data: is %s, must be a text such as \"emoji\"".formatted(what(data)));
    }
    return overrides;
  }

  private static boolean reuse(JsonNode request, List<String> problems) {
    JsonNode reuse = request.path("reuse");
    if (!reuse.isMissingNode() && !reuse.isNull() && !reuse.isBoolean()) {
      problems.add("reuse: is %s, must be true or false".formatted(what(reuse)));
    }
    return reuse.asBoolean(true);
  }

  private static int profileSteps(JsonNode request, List<String> problems) {
    JsonNode steps = request.path("profile");
    if (steps.isMissingNode() || steps.isNull()) {
      return 0;
    }
    if (!steps.isIntegralNumber()
        || !steps.canConvertToInt()
        || steps.asInt() < 1
        || steps.asInt() > PROFILE_STEPS_MAX) {
      problems.add(
          "profile: is %s, must be a number of steps from 1 to %d"
              .formatted(what(steps), PROFILE_STEPS_MAX));
    }
    return steps.asInt();
  }

  private Optional<PipelineRecipe> recipe(
      JsonNode request, Map<String, JsonNode> overrides, List<String> problems) {
    JsonNode recipe = request.path("recipe");
    try {
      if (recipe.isTextual()) {
        return Optional.of(recipes.named(recipe.textValue(), overrides));
      }
      if (recipe.isObject()) {
        return Optional.of(recipes.of(recipe, overrides));
      }
      problems.add(
          "recipe: is %s, must be the name of a recipe or a whole recipe".formatted(what(recipe)));
    } catch (RecipeProblems e) {
      problems.addAll(e.problems());
    }
    return Optional.empty();
  }

  /** What is legal record by record, but not together. */
  private static List<String> contradictions(PipelineRecipe recipe) {
    List<String> problems = new ArrayList<>();
    for (StageRecipe stage : recipe.stages()) {
      if (stage instanceof StageRecipe.Train train
          && train.gram() instanceof GramTeacherRecipe.RefreshedEvery
          && Plans.origin(train.start()).isEmpty()) {
        problems.add(
            "%s.gram: refreshed_every begins with the teacher the stage starts from, so start must be continue or from_teacher"
                .formatted(train.name()));
      }
    }
    return problems;
  }

  static String what(JsonNode node) {
    if (node.isMissingNode()) {
      return "missing";
    }
    String text = node.toString();
    return text.length() > 60 ? text.substring(0, 60) + "..." : text;
  }
}
