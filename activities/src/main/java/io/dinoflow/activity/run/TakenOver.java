package io.dinoflow.activity.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.storage.artifact.ArtifactDraft;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.StageResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Stages whose results are references to what another run made. May be repeated. */
final class TakenOver {
  private final ArtifactStore artifacts;
  private final LineageStore lineage;
  private final ObjectMapper json = Payloads.mapper();

  TakenOver(ArtifactStore artifacts, LineageStore lineage) {
    this.artifacts = artifacts;
    this.lineage = lineage;
  }

  /** What a stage that is done recorded. */
  StageResult parse(StageRow row) {
    try {
      return json.readValue(row.resultJson(), StageResult.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the recorded result of %s/%s cannot be read: %s"
              .formatted(row.run(), row.name(), e.getOriginalMessage()),
          e);
    }
  }

  /** Begins and ends the stage with a result that {@code maker} made. */
  void record(RunId run, PipelineRecipe recipe, StageResult result, String maker) {
    int position = recipe.stages().indexOf(recipe.stage(result.stage()).orElseThrow());
    lineage.beginStage(
        run, result.stage(), position, kind(recipe, result.stage()), Optional.empty());
    finish(run, result.takenFrom(maker), new RunId(maker));
  }

  /** Ends a stage that was begun; its place in the run points at what it took over. */
  void finish(RunId run, StageResult result, RunId maker) {
    artifacts.commit(
        new ArtifactDraft(
            ArtifactKind.STAGE,
            run + "/" + result.stage(),
            Optional.of(new ArtifactDraft.MadeBy(run, result.stage())),
            List.of(),
            Map.of("reused_from", maker.value()),
            outputs(result).stream().map(id -> EdgeDraft.of(EdgeKind.REUSED, id)).toList(),
            List.of()));
    lineage.finishStage(run, result.stage(), stored(result, Optional.of(maker)));
  }

  /** A result as the lineage keeps it. */
  io.dinoflow.storage.lineage.StageResult stored(StageResult result, Optional<RunId> reusedFrom) {
    try {
      return new io.dinoflow.storage.lineage.StageResult(
          json.writeValueAsString(result), outputs(result), reusedFrom);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a stage's result could not be written as JSON", e);
    }
  }

  private static List<Sha256> outputs(StageResult result) {
    List<Sha256> outputs = new ArrayList<>();
    result.source().ifPresent(s -> outputs.add(s.version()));
    result.dataset().ifPresent(d -> outputs.add(d.version()));
    result.checkpoints().stream().map(CheckpointRef::id).forEach(outputs::add);
    result.evaluation().ifPresent(e -> outputs.add(e.id()));
    return outputs;
  }

  static String kind(PipelineRecipe recipe, String stage) {
    return Plans.of(recipe).stream()
        .filter(p -> p.name().equals(stage))
        .map(p -> p.kind().name().toLowerCase(Locale.ROOT))
        .findFirst()
        .orElseThrow();
  }
}
