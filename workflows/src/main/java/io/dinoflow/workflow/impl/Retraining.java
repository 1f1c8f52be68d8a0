package io.dinoflow.workflow.impl;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.EvaluateActivities;
import io.dinoflow.workflow.activity.GatherActivities;
import io.dinoflow.workflow.activity.GatherActivities.GatherRequest;
import io.dinoflow.workflow.activity.GatherActivities.Gathered;
import io.dinoflow.workflow.activity.RetrainActivities;
import io.dinoflow.workflow.activity.RetrainActivities.Champion;
import io.dinoflow.workflow.activity.RetrainActivities.Judge;
import io.dinoflow.workflow.activity.RetrainActivities.Judged;
import io.dinoflow.workflow.activity.RetrainActivities.Promote;
import io.dinoflow.workflow.activity.RetrainActivities.Settle;
import io.dinoflow.workflow.activity.RetrainActivities.Settlement;
import io.dinoflow.workflow.activity.RetrainActivities.Survey;
import io.dinoflow.workflow.activity.RetrainActivities.Surveyed;
import io.dinoflow.workflow.activity.RetrainActivities.Trial;
import io.dinoflow.workflow.activity.RetrainActivities.Weigh;
import io.dinoflow.workflow.activity.RetrainActivities.Weighed;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainOutcome;
import io.temporal.failure.CanceledFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The story of a retraining: survey, gather, weigh, train, measure, judge, settle. Each decision is
 * recorded by the activity that makes it.
 */
final class Retraining {
  private static final Duration DATA_MAX = Duration.ofHours(12);

  private final JsonNode request;
  private final Instant firing;
  private final Answer answer;
  private final Consumer<String> teller;
  private final FlowOptions options;

  Retraining(
      JsonNode request,
      Instant firing,
      Answer answer,
      Consumer<String> teller,
      FlowOptions options) {
    this.request = request;
    this.firing = firing;
    this.answer = answer;
    this.teller = teller;
    this.options = options;
  }

  /** Whether the request wants more than a run. */
  static boolean isAsked(JsonNode request) {
    return request.hasNonNull("dataset");
  }

  RetrainOutcome run() {
    Surveyed survey = survey();
    try {
      return decide(survey);
    } catch (TemporalFailure failure) {
      boolean cancelled = Reasons.cancelRequested() && Reasons.isCancellation(failure);
      String why = cancelled ? "it was cancelled" : Reasons.text(failure);
      Workflow.newDetachedCancellationScope(
              () ->
                  settle(
                      survey,
                      cancelled ? Settlement.CANCELLED : Settlement.FAILED,
                      Optional.empty(),
                      bySchedule(survey),
                      why,
                      Map.of()))
          .run();
      throw cancelled
          ? new CanceledFailure("the firing was cancelled")
          : Reasons.asWorkflowFailure("", failure);
    }
  }

  private Surveyed survey() {
    try {
      return decisions("read the request, find the champion")
          .survey(new Survey(Workflow.getInfo().getWorkflowId(), firing.toEpochMilli(), request));
    } catch (TemporalFailure failure) {
      if (Reasons.cancelRequested()) {
        throw failure;
      }
      throw Reasons.asWorkflowFailure("", failure);
    }
  }

  private RetrainOutcome decide(Surveyed survey) {
    Weighed weighed =
        decisions("decide whether a run should start").weigh(new Weigh(survey, gather(survey)));
    tell(
        survey, weighed.start() ? "starts run " + survey.run() : "starts no run", weighed.reason());
    if (!weighed.start()) {
      return new RetrainOutcome(Optional.empty(), weighed.reason());
    }
    Workflow.upsertTypedSearchAttributes(
        SearchAttributes.DINO_RUN.valueSet(survey.run().value()),
        SearchAttributes.RUN_STATUS.valueSet(States.RUNNING));
    RetrainWorkflowImpl.start(
        survey.run(), survey.schedule(), weighed.reason(), weighed.pipeline());
    Trial trial = decisions("find what the run made").trial(survey);
    Judged judged =
        decisions("ask the gate").judge(new Judge(survey, trial, measureChampion(trial)));
    return new RetrainOutcome(Optional.of(survey.run().value()), conclude(survey, judged));
  }

  private Gathered gather(Surveyed survey) {
    return Calls.heavy(
            GatherActivities.class,
            TaskQueues.DATA,
            DATA_MAX,
            options,
            "compare the dataset with what the champion knows")
        .gather(
            new GatherRequest(
                survey.dataset(),
                survey.champion().flatMap(Champion::source),
                survey.newSamplesMin(),
                survey.shardBytes()));
  }

  /** On the challenger's pictures, with its recipe's settings. */
  private Optional<ArtifactRef> measureChampion(Trial trial) {
    return trial
        .champion()
        .map(
            measurement ->
                Calls.heavy(
                        EvaluateActivities.class,
                        TaskQueues.EVAL,
                        DATA_MAX,
                        options,
                        "measure the champion on the challenger's pictures")
                    .evaluate(measurement)
                    .evaluation());
  }

  private String conclude(Surveyed survey, Judged judged) {
    Optional<Integer> version = Optional.of(judged.version());
    if (!judged.passed()) {
      return settle(
          survey, Settlement.REFUSED, version, bySchedule(survey), judged.text(), judged.numbers());
    }
    if (survey.promote() == Promote.AUTO) {
      return settle(
          survey,
          Settlement.PROMOTED,
          version,
          bySchedule(survey),
          judged.text(),
          judged.numbers());
    }
    answer.open();
    settle(survey, Settlement.ASKED, version, bySchedule(survey), judged.text(), judged.numbers());
    Workflow.upsertTypedSearchAttributes(SearchAttributes.RUN_STATUS.valueSet(States.PAUSED));
    Optional<Answer.Given> given = answer.await(Duration.ofHours(survey.askHoursMax()));
    Answer.Given verdict =
        given.orElseGet(
            () ->
                new Answer.Given(
                    false,
                    bySchedule(survey),
                    "nobody answered within %d hours".formatted(survey.askHoursMax())));
    return settle(
        survey,
        verdict.approved() ? Settlement.PROMOTED : Settlement.REJECTED,
        version,
        verdict.who(),
        verdict.why(),
        judged.numbers());
  }

  private String settle(
      Surveyed survey,
      Settlement settlement,
      Optional<Integer> version,
      String who,
      String why,
      Map<String, Double> numbers) {
    String said =
        decisions("record the decision")
            .settle(new Settle(survey, settlement, version, who, why, numbers));
    tell(survey, settlement.name().toLowerCase(java.util.Locale.ROOT), said);
    return said;
  }

  private void tell(Surveyed survey, String what, String why) {
    teller.accept("**%s** %s: %s".formatted(survey.schedule(), what, why));
  }

  private static String bySchedule(Surveyed survey) {
    return "schedule " + survey.schedule();
  }

  private static RetrainActivities decisions(String summary) {
    return Calls.light(RetrainActivities.class, summary);
  }
}
