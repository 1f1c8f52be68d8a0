package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.RunActivities.Recover;
import io.dinoflow.workflow.activity.RunActivities.Recovery;
import io.dinoflow.workflow.activity.RunActivities.Recovery.Action;
import io.dinoflow.workflow.api.SegmentsCarried;
import io.dinoflow.workflow.api.StageRequest;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import io.temporal.workflow.Workflow;
import java.util.Optional;

/**
 * What a stage does about a refused step: the recipe's policy, decided and recorded by an activity.
 */
final class Recoveries {
  private final StageRequest request;
  private final String scope;
  private int retries;

  /**
   * @param scope the stage, or {@code stage/group} of a Distill stage
   */
  Recoveries(StageRequest request, String scope) {
    this.request = request;
    this.scope = scope;
    this.retries = request.carried().map(SegmentsCarried::retries).orElse(0);
  }

  /** Retries so far. */
  int retries() {
    return retries;
  }

  /**
   * Decides what comes after a failed segment.
   *
   * @return empty where it failed for another reason
   * @throws ApplicationFailure the retries are used up
   */
  Optional<Recovery> after(TemporalFailure failure) {
    Optional<ApplicationFailure> refused =
        Reasons.application(failure)
            .filter(f -> f.getType().equals(Failures.DIVERGED) && f.getDetails().getSize() > 0);
    if (refused.isEmpty()) {
      return Optional.empty();
    }
    Recovery recovery =
        Calls.book("follow the recipe's health policy")
            .recover(
                new Recover(
                    request.run(),
                    request.recipe(),
                    request.plan().name(),
                    scope,
                    refused.get().getDetails().get(0, Long.class),
                    refused.get().getOriginalMessage(),
                    retries,
                    Workflow.getInfo().getRunId() + "/" + retries));
    retries++;
    if (recovery.action() == Action.GIVE_UP) {
      throw ApplicationFailure.newNonRetryableFailureWithCause(
          recovery.text(), Failures.DIVERGED, failure);
    }
    return Optional.of(recovery);
  }
}
