package io.dinoflow.activity.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.dinoflow.activity.support.Machine;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.RunActivities.BeginStage;
import io.dinoflow.workflow.activity.StageResult;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The digest of all that decides a stage's result, to the last bit: its recipe, the architectures
 * it builds on, seed, inputs, arithmetic and machine.
 *
 * <p>Inputs count by their state digests, so a state counts as the same whoever computed it. Code
 * that does not compute tensors is left out, and curation computes none: how a recipe does its
 * arithmetic, and the engine it is done with, do not count there. What decodes pictures is native
 * code, so the processor's instructions always count.
 */
final class ReuseKey {
  private static final ObjectMapper CANONICAL =
      ((JsonMapper) Payloads.mapper())
          .rebuild()
          .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .build();

  private ReuseKey() {}

  /** Of a stage that begins at its beginning. */
  static Sha256 of(PipelineRecipe recipe, StageRecipe stage, BeginStage request, Machine machine) {
    return of(recipe, stage, request, List.of(), machine);
  }

  /**
   * @param begunWith digests of states of another run that the stage's tracks begin with: what was
   *     trained before a fork was trained by another recipe
   */
  static Sha256 of(
      PipelineRecipe recipe,
      StageRecipe stage,
      BeginStage request,
      List<Sha256> begunWith,
      Machine machine) {
    Environment environment = machine.environment(recipe.compute());
    Map<String, Object> facts = new TreeMap<>();
    facts.put("format", "dinoflow.reuse/1");
    facts.put("stage", stage);
    facts.put(
        "architectures",
        Plans.ancestors(recipe, stage).stream()
            .flatMap(s -> architecture(recipe, s).stream())
            .toList());
    facts.put("seed", recipe.seed());
    if (!(stage instanceof StageRecipe.Curate)) {
      facts.put("compute", recipe.compute());
      facts.put("engine", environment.engine());
      facts.put("kernels", environment.kernelDigest());
      facts.put("device", environment.device());
    }
    facts.put("instructions", environment.instructionSet());
    request.source().ifPresent(s -> facts.put("source", s.version()));
    if (!begunWith.isEmpty()) {
      facts.put("begun_with", begunWith);
    }
    facts.put("inputs", request.inputs().stream().map(ReuseKey::input).toList());
    try {
      return Sha256.ofText(CANONICAL.writeValueAsString(facts));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a recipe could not be written as JSON", e);
    }
  }

  /** Of a stage that has one of its own; what its state was begun with shows in the state. */
  private static Optional<Object> architecture(PipelineRecipe recipe, StageRecipe stage) {
    if (stage instanceof StageRecipe.Import from) {
      return Optional.of(from);
    }
    return Optional.of(stage)
        .filter(StageRecipe.Train.class::isInstance)
        .map(StageRecipe.Train.class::cast)
        .filter(train -> Plans.origin(train.start()).isEmpty())
        .map(recipe::architecture);
  }

  private static Map<String, Object> input(StageResult input) {
    Map<String, Object> facts = new TreeMap<>();
    facts.put("stage", input.stage());
    input.source().ifPresent(s -> facts.put("source", s.version()));
    input.dataset().ifPresent(d -> facts.put("dataset", d.version()));
    List<String> states = input.checkpoints().stream().map(ReuseKey::state).sorted().toList();
    facts.put("states", states);
    return facts;
  }

  private static String state(CheckpointRef checkpoint) {
    return "%s@%d %s"
        .formatted(
            checkpoint.track().student().orElse(""), checkpoint.step(), checkpoint.stateDigest());
  }
}
