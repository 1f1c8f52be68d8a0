package io.dinoflow.activity.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.activity.run.RecipeReader.RecipeProblems;
import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.activity.support.Recipes;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.NearestName;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.RunActivities.OverrideRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Changes the recipe of a run that goes on: each stage that is named gets a recorded revision,
 * which holds from its next segment on. Nothing is changed in place.
 */
final class RunningOverrides {
  private final LineageStore lineage;
  private final Recipes recipes;
  private final RecipeReader reader;

  RunningOverrides(LineageStore lineage, Recipes recipes, RecipeReader reader) {
    this.lineage = lineage;
    this.recipes = recipes;
    this.reader = reader;
  }

  private record Revision(String scope, PipelineRecipe recipe, String reason) {}

  /**
   * All of it, or nothing where something cannot be changed.
   *
   * @return what changed, in words
   */
  String apply(OverrideRequest request) {
    List<String> problems = new ArrayList<>();
    List<Revision> revisions = new ArrayList<>();
    PipelineRecipe own = recipes.read(request.run(), request.recipe());
    byStage(own, request, problems)
        .forEach(
            (stage, values) -> revisions.addAll(revised(own, request, stage, values, problems)));
    if (!problems.isEmpty()) {
      throw FailureMapper.lasting(
          Failures.BAD_CONFIG, "Nothing was changed:\n- " + String.join("\n- ", problems));
    }
    List<String> words = new ArrayList<>();
    for (Revision revision : revisions) {
      String json = reader.canonicalJson(revision.recipe());
      lineage.revise(
          request.run(),
          revision.scope(),
          request.cause(),
          Sha256.ofText(json),
          json,
          revision.reason());
      words.add(revision.scope() + ": " + revision.reason());
    }
    return String.join("\n", words);
  }

  private static Map<String, Map<String, JsonNode>> byStage(
      PipelineRecipe own, OverrideRequest request, List<String> problems) {
    List<String> stages = own.stages().stream().map(StageRecipe::name).toList();
    Map<String, Map<String, JsonNode>> byStage = new LinkedHashMap<>();
    new TreeMap<>(request.overrides())
        .forEach(
            (path, value) -> {
              String stage = path.contains(".") ? path.substring(0, path.indexOf('.')) : path;
              if (stages.contains(stage)) {
                byStage.computeIfAbsent(stage, s -> new TreeMap<>()).put(path, value);
              } else {
                problems.add(
                    "%s: only fields of stages can change while a run goes on, such as %s.optim.lr.peak%s"
                        .formatted(
                            path,
                            stages.get(Math.min(1, stages.size() - 1)),
                            NearestName.of(stage, stages)
                                .map(near -> "; did you mean \"" + near + "\"?")
                                .orElse("")));
              }
            });
    return byStage;
  }

  private List<Revision> revised(
      PipelineRecipe own,
      OverrideRequest request,
      String stage,
      Map<String, JsonNode> values,
      List<String> problems) {
    Optional<StageRow> row =
        lineage.stages(request.run()).stream().filter(s -> s.name().equals(stage)).findFirst();
    if (row.isPresent() && row.get().state() == RunState.DONE) {
      problems.add(stage + ": the stage is done, so this changes nothing");
      return List.of();
    }
    List<Revision> revisions = new ArrayList<>();
    for (String scope : scopes(own.stage(stage).orElseThrow())) {
      PipelineRecipe before = recipes.current(request.run(), request.recipe(), scope);
      try {
        PipelineRecipe after = reader.overridden(before, values);
        check(before, after, stage, problems);
        List<String> differences =
            reader.differences(reader.canonicalJson(before), reader.canonicalJson(after));
        if (!differences.isEmpty()) {
          revisions.add(
              new Revision(
                  scope, after, String.join(", ", differences) + " (" + request.reason() + ")"));
        }
      } catch (RecipeProblems wrong) {
        problems.addAll(wrong.problems());
        return List.of();
      }
    }
    return revisions;
  }

  /** Groups of students go on by recipes of their own. */
  private static List<String> scopes(StageRecipe stage) {
    return stage instanceof StageRecipe.Distill distill
        ? distill.groups().stream().map(group -> stage.name() + "/" + group.name()).toList()
        : List.of(stage.name());
  }

  private static void check(
      PipelineRecipe before, PipelineRecipe after, String stage, List<String> problems) {
    if (!Plans.of(before).equals(Plans.of(after))) {
      problems.add(
          "%s: steps, Gram refreshes and what refers to other stages are planned when the run is opened and cannot change; `fork` begins a run that differs"
              .formatted(stage));
    } else if (!ForkRules.sameShape(before, after, stage)) {
      problems.add(
          "%s: what its state is made of cannot change (start, teacher, groups, vision, student, text)"
              .formatted(stage));
    }
  }
}
