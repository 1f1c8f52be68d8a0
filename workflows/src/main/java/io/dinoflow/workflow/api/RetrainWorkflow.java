package io.dinoflow.workflow.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import io.temporal.workflow.QueryMethod;
import io.temporal.workflow.UpdateMethod;
import io.temporal.workflow.UpdateValidatorMethod;
import io.temporal.workflow.WorkflowInterface;
import io.temporal.workflow.WorkflowMethod;
import java.util.Optional;

/**
 * What a schedule starts: decides from what changed whether to start a run, records the decision
 * with its reason, and runs a PipelineWorkflow {@code schedule-<firing time>}.
 *
 * <p>With a {@code dataset} it retrains a model: compares the dataset with what the champion was
 * trained on, trains on both together, measures challenger and champion on the same pictures, and
 * promotes through the gate or asks. Without one it starts the run when the source of its request
 * changed, and promotes nothing.
 */
@WorkflowInterface
public interface RetrainWorkflow {
  /**
   * @param request a {@link RetrainRequest}. A tree, so that wrong input reaches the strict reader
   *     instead of hanging
   */
  @WorkflowMethod
  RetrainOutcome run(JsonNode request);

  /**
   * @param answer {@code {"verdict": "approve", "why": "better on birds", "who": "ada"}}
   */
  @UpdateMethod(
      description =
          "Answers whether the challenger takes the champion's place; input: {\"verdict\": \"approve\" or \"reject\", \"why\": \"better on birds\", \"who\": \"ada\"}")
  String decide(JsonNode answer);

  @UpdateValidatorMethod(updateName = "decide")
  void checkDecide(JsonNode answer);

  @QueryMethod(description = "What was decided so far, in words")
  String standing();

  /**
   * What the schedule's input says; everything but the schedule and the pipeline is optional.
   *
   * @param schedule name of the schedule
   * @param pipeline the request of the run, as PipelineWorkflow takes it
   * @param always without a dataset: start a run even when nothing changed
   * @param dataset a folder, a tar, a named set or {@code dataset:NAME}, looked at by every firing
   * @param model whose champion is compared and replaced; default: the schedule's name
   * @param alias what points at the champion; default: {@code champion}
   * @param subject the stage (or {@code stage/student}) that is the model; default: the last
   *     training stage that the recipe evaluates
   * @param minNewSamples fewer new pictures start no run; default: 1
   * @param gate such as {@code knn10.top1 >= champion}, which is the default for the first k
   * @param promote {@code auto} or {@code ask}; default: {@code ask}
   * @param askHours hours that an answer is waited for; default: 168
   * @param from {@code champion}: the first training stage begins with the champion's weights, once
   *     there is one; {@code scratch}: as the recipe says, which is the default
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record RetrainRequest(
      String schedule,
      JsonNode pipeline,
      boolean always,
      Optional<String> dataset,
      Optional<String> model,
      Optional<String> alias,
      Optional<String> subject,
      Optional<Long> minNewSamples,
      Optional<String> gate,
      Optional<String> promote,
      Optional<Integer> askHours,
      Optional<String> from) {

    /** One that only starts runs. */
    public static RetrainRequest plain(String schedule, JsonNode pipeline, boolean always) {
      return new RetrainRequest(
          schedule,
          pipeline,
          always,
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty());
    }
  }

  /**
   * @param run the run that was started; empty when none was
   * @param reason why, in words
   */
  record RetrainOutcome(Optional<String> run, String reason) {}
}
