package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.activity.RunActivities.RetrainDecision;
import io.dinoflow.workflow.activity.RunActivities.RetrainQuestion;
import io.dinoflow.workflow.api.PipelineWorkflow;
import io.dinoflow.workflow.api.RetrainWorkflow;
import io.temporal.common.SearchAttributeKey;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;

final class RetrainWorkflowImpl implements RetrainWorkflow {
  private static final SearchAttributeKey<OffsetDateTime> SCHEDULED =
      SearchAttributeKey.forOffsetDateTime("TemporalScheduledStartTime");

  @Override
  public RetrainOutcome run(RetrainRequest request) {
    RunId run = WorkflowIds.scheduled(request.schedule(), firing());
    RetrainDecision decision =
        Calls.book("decide whether a run should start")
            .decideRetrain(
                new RetrainQuestion(request.schedule(), run, request.pipeline(), request.always()));
    Workflow.setCurrentDetails(
        "**%s** %s: %s"
            .formatted(
                request.schedule(),
                decision.start() ? "starts run " + run : "starts no run",
                decision.reason()));
    if (!decision.start()) {
      return new RetrainOutcome(Optional.empty(), decision.reason());
    }
    try {
      Workflow.newChildWorkflowStub(
              PipelineWorkflow.class,
              Children.options(
                  WorkflowIds.pipeline(run),
                  "%s: %s".formatted(request.schedule(), decision.reason())))
          .run(decision.request());
    } catch (TemporalFailure failure) {
      if (Reasons.cancelRequested()) {
        throw failure;
      }
      throw Reasons.asWorkflowFailure("run " + run + ": ", failure);
    }
    return new RetrainOutcome(Optional.of(run.value()), decision.reason());
  }

  private static Instant firing() {
    OffsetDateTime scheduled = Workflow.getTypedSearchAttributes().get(SCHEDULED);
    return scheduled == null
        ? Instant.ofEpochMilli(Workflow.currentTimeMillis())
        : scheduled.toInstant();
  }
}
