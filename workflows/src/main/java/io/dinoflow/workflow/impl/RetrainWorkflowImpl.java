package io.dinoflow.workflow.impl;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
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
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A firing: with a dataset it retrains a model, without one it only starts a run. */
final class RetrainWorkflowImpl implements RetrainWorkflow {
  private static final SearchAttributeKey<OffsetDateTime> SCHEDULED =
      SearchAttributeKey.forOffsetDateTime("TemporalScheduledStartTime");

  private final FlowOptions options;
  private final Answer answer = new Answer();
  private String standing = "it is being decided";

  RetrainWorkflowImpl(FlowOptions options) {
    this.options = options;
  }

  @Override
  public RetrainOutcome run(JsonNode given) {
    JsonNode request = Objects.requireNonNullElse(given, NullNode.getInstance());
    return Retraining.isAsked(request)
        ? new Retraining(request, firing(), answer, this::tell, options).run()
        : plain(request);
  }

  private RetrainOutcome plain(JsonNode request) {
    String schedule = request.path("schedule").asText();
    RunId run = WorkflowIds.scheduled(schedule, firing());
    RetrainDecision decision =
        Calls.book("decide whether a run should start")
            .decideRetrain(
                new RetrainQuestion(
                    schedule,
                    run,
                    request.path("pipeline"),
                    request.path("always").asBoolean(false)));
    tell(
        "**%s** %s: %s"
            .formatted(
                schedule,
                decision.start() ? "starts run " + run : "starts no run",
                decision.reason()));
    if (!decision.start()) {
      return new RetrainOutcome(Optional.empty(), decision.reason());
    }
    start(run, schedule, decision.reason(), decision.request());
    return new RetrainOutcome(Optional.of(run.value()), decision.reason());
  }

  /** Runs the pipeline to its end; its failure is told with the run's name. */
  static void start(RunId run, String schedule, String reason, JsonNode request) {
    try {
      Workflow.newChildWorkflowStub(
              PipelineWorkflow.class,
              Children.options(WorkflowIds.pipeline(run), "%s: %s".formatted(schedule, reason)))
          .run(request);
    } catch (TemporalFailure failure) {
      if (Reasons.cancelRequested()) {
        throw failure;
      }
      throw Reasons.asWorkflowFailure("run " + run + ": ", failure);
    }
  }

  private void tell(String text) {
    standing = text;
    Workflow.setCurrentDetails(text);
  }

  @Override
  public void checkDecide(@Nullable JsonNode given) {
    answer.check(Objects.requireNonNullElse(given, NullNode.getInstance()));
  }

  @Override
  public String decide(JsonNode given) {
    return answer.give(given);
  }

  @Override
  public String standing() {
    return standing;
  }

  private static Instant firing() {
    OffsetDateTime scheduled = Workflow.getTypedSearchAttributes().get(SCHEDULED);
    return scheduled == null
        ? Instant.ofEpochMilli(Workflow.currentTimeMillis())
        : scheduled.toInstant();
  }
}
