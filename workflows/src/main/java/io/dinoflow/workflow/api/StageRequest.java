package io.dinoflow.workflow.api;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import java.util.List;
import java.util.Optional;

/**
 * What a stage's workflow is started with.
 *
 * @param inputs results of the stages that {@link StagePlan#inputs} names
 * @param reuse whether another run's result may be taken
 * @param profileSteps how many of its first steps are recorded; 0 for none
 * @param carried where a continued execution goes on
 */
public record StageRequest(
    RunId run,
    Sha256 recipe,
    StagePlan plan,
    List<StageResult> inputs,
    boolean reuse,
    int profileSteps,
    Optional<SegmentsCarried> carried) {
  public StageRequest {
    inputs = List.copyOf(inputs);
  }

  public StageResult input(String stage) {
    return inputs.stream()
        .filter(r -> r.stage().equals(stage))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "stage %s was given no result of %s".formatted(plan.name(), stage)));
  }

  public StageRequest carrying(SegmentsCarried state) {
    return new StageRequest(run, recipe, plan, inputs, reuse, profileSteps, Optional.of(state));
  }
}
