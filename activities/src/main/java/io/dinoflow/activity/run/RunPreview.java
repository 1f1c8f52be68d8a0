package io.dinoflow.activity.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.dinoflow.activity.ingest.SourceNames;
import io.dinoflow.activity.support.Machine;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.activity.RunActivities.BeginStage;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What opening a run would find, without opening it: the same strict reader, the same plans, the
 * same reuse keys. Reads only.
 */
public final class RunPreview {
  private static final int LOOK_BACK = 1000;
  private static final String DATASET_SOURCE = "dataset:";

  private final PipelineRecipe recipe;
  private final boolean reuse;
  private final Machine machine;

  private RunPreview(PipelineRecipe recipe, boolean reuse, Machine machine) {
    this.recipe = recipe;
    this.reuse = reuse;
    this.machine = machine;
  }

  /**
   * Reads a request as opening the run would.
   *
   * @throws io.temporal.failure.ApplicationFailure BadConfig, with every problem in one text
   */
  public static RunPreview of(OpenRequest request, RecipeReader recipes, Machine machine) {
    RequestReader.Accepted accepted = new RequestReader(recipes).read(request);
    return new RunPreview(
        RunActivitiesImpl.resolved(accepted.recipe(), machine), accepted.reuse(), machine);
  }

  /** The recipe, with overrides, defaults and what depends on the machine. */
  public PipelineRecipe recipe() {
    return recipe;
  }

  public boolean reuse() {
    return reuse;
  }

  /** The stages in order, as the workflow would run them. */
  public List<StagePlan> plans() {
    return Plans.of(recipe);
  }

  /**
   * A stage that would not be run again.
   *
   * @param from the run whose result would be taken
   * @param source the images this rests on; they are read only when the run starts
   */
  public record Reusable(RunId from, Optional<DatasetRef> source) {}

  /** Stages whose result is there already, by name; those that would run are left out. */
  public Map<String, Reusable> reusable(LineageStore lineage) {
    Map<String, Reusable> found = new LinkedHashMap<>();
    if (!reuse) {
      return found;
    }
    Map<String, StageResult> results = new LinkedHashMap<>();
    for (StagePlan plan : plans()) {
      if (!results.keySet().containsAll(plan.inputs())) {
        continue;
      }
      List<StageResult> inputs = plan.inputs().stream().map(results::get).toList();
      StageRecipe stage = recipe.stage(plan.name()).orElseThrow();
      for (Optional<DatasetRef> source : sources(stage, lineage)) {
        Optional<StageRow> earlier = lineage.reusable(key(stage, source, inputs));
        if (earlier.isPresent()) {
          results.put(plan.name(), parse(earlier.get()));
          found.put(plan.name(), new Reusable(earlier.get().run(), source));
          break;
        }
      }
    }
    return found;
  }

  private Sha256 key(StageRecipe stage, Optional<DatasetRef> source, List<StageResult> inputs) {
    BeginStage request =
        new BeginStage(new RunId("preview"), Sha256.ofText(""), stage.name(), source, inputs, true);
    return ReuseKey.of(recipe, stage, request, machine);
  }

  /** Images a Curate stage may find; the newest version of each possible name. */
  private List<Optional<DatasetRef>> sources(StageRecipe stage, LineageStore lineage) {
    if (!(stage instanceof StageRecipe.Curate)) {
      return List.of(Optional.empty());
    }
    String source = recipe.data().source();
    if (source.startsWith(DATASET_SOURCE)) {
      return lineage
          .newestDataset(source.substring(DATASET_SOURCE.length()))
          .map(dataset -> List.of(Optional.of(dataset)))
          .orElse(List.of());
    }
    List<String> names = SourceNames.of(source);
    List<Optional<DatasetRef>> candidates = new ArrayList<>();
    for (DatasetRow row : lineage.datasets(LOOK_BACK)) {
      if (row.ref().kind() == ArtifactKind.SOURCE && names.contains(row.ref().name())) {
        candidates.add(Optional.of(row.ref()));
      }
    }
    return candidates;
  }

  private static StageResult parse(StageRow row) {
    try {
      return Payloads.mapper().readValue(row.resultJson(), StageResult.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(
          "the recorded result of %s/%s cannot be read: %s"
              .formatted(row.run(), row.name(), e.getOriginalMessage()),
          e);
    }
  }
}
