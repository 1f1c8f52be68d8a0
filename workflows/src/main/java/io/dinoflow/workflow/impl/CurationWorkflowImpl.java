package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.CurateActivities;
import io.dinoflow.workflow.activity.CurateActivities.CurateRequest;
import io.dinoflow.workflow.activity.CurateActivities.Curated;
import io.dinoflow.workflow.activity.IngestActivities;
import io.dinoflow.workflow.activity.IngestActivities.IngestRequest;
import io.dinoflow.workflow.activity.IngestActivities.Ingested;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.CurationWorkflow;
import io.dinoflow.workflow.api.StageRequest;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Ingests first: only the source's digest says whether an earlier curation can be taken. */
final class CurationWorkflowImpl extends PlainStage implements CurationWorkflow {
  private static final Duration DATA_MAX = Duration.ofHours(12);

  private final FlowOptions options;

  CurationWorkflowImpl(FlowOptions options) {
    this.options = options;
  }

  @Override
  public StageResult run(StageRequest request) {
    begin(request);
    String stage = request.plan().name();
    StageScript script = script(request);
    script.tell(States.RUNNING);
    Ingested ingested =
        script.guarded(
            () ->
                Calls.heavy(
                        IngestActivities.class,
                        TaskQueues.DATA,
                        DATA_MAX,
                        options,
                        stage + ": bring the images in")
                    .ingest(new IngestRequest(request.run(), stage, request.recipe())));
    Workflow.setCurrentDetails("**%s** %s".formatted(stage, ingested.account()));
    StageResult result =
        script.perform(
            Optional.of(ingested.source()), reuseKey -> curate(script, request, ingested));
    result
        .dataset()
        .ifPresent(
            d -> Workflow.upsertTypedSearchAttributes(SearchAttributes.DATASET.valueSet(d.name())));
    end(request);
    return result;
  }

  private StageResult curate(StageScript script, StageRequest request, Ingested ingested) {
    String stage = request.plan().name();
    gate()
        .awaitOpen(
            () -> script.note(gate().paused() ? States.PAUSED : States.RUNNING, gate().reason()));
    Curated curated =
        Calls.heavy(
                CurateActivities.class,
                TaskQueues.DATA,
                DATA_MAX,
                options,
                "%s: %s of %,d images"
                    .formatted(stage, ingested.source().name(), ingested.source().samples()))
            .curate(new CurateRequest(request.run(), stage, request.recipe(), ingested.source()));
    List<Metric> metrics = new ArrayList<>(ingested.metrics());
    metrics.addAll(curated.metrics());
    Workflow.setCurrentDetails(
        "**%s** %s%n%n%,d images became %,d samples"
            .formatted(
                stage,
                ingested.account(),
                ingested.source().samples(),
                curated.dataset().samples()));
    return StageResult.curated(stage, ingested.source(), curated.dataset(), metrics);
  }
}
