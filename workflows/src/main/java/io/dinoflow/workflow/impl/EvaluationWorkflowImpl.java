package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.EvaluateActivities;
import io.dinoflow.workflow.activity.EvaluateActivities.EvaluateRequest;
import io.dinoflow.workflow.activity.EvaluateActivities.Evaluated;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.EvaluationWorkflow;
import io.dinoflow.workflow.api.StageRequest;
import io.temporal.workflow.Workflow;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

final class EvaluationWorkflowImpl extends PlainStage implements EvaluationWorkflow {
  private static final Duration EVALUATION_MAX = Duration.ofHours(12);

  private final FlowOptions options;

  EvaluationWorkflowImpl(FlowOptions options) {
    this.options = options;
  }

  @Override
  public StageResult run(StageRequest request) {
    begin(request);
    StageScript script = script(request);
    StageResult result = script.perform(Optional.empty(), key -> evaluate(script, request));
    Workflow.setCurrentDetails(table(result));
    end(request);
    return result;
  }

  private StageResult evaluate(StageScript script, StageRequest request) {
    gate()
        .awaitOpen(
            () -> script.note(gate().paused() ? States.PAUSED : States.RUNNING, gate().reason()));
    String stage = request.plan().name();
    List<CheckpointRef> subjects =
        request.plan().subjects().stream()
            .flatMap(subject -> request.input(subject).checkpoints().stream())
            .toList();
    Optional<CheckpointRef> text =
        request.plan().text().map(t -> request.input(t).checkpoint(Optional.empty()));
    Evaluated evaluated =
        Calls.heavy(
                EvaluateActivities.class,
                TaskQueues.EVAL,
                EVALUATION_MAX,
                options,
                "%s: %d checkpoints".formatted(stage, subjects.size()))
            .evaluate(
                new EvaluateRequest(
                    request.run(),
                    stage,
                    request.recipe(),
                    Inputs.source(request),
                    subjects,
                    text,
                    Inputs.origin(request),
                    Optional.empty()));
    return StageResult.evaluated(stage, evaluated.evaluation(), evaluated.metrics());
  }

  private static String table(StageResult result) {
    StringBuilder text =
        new StringBuilder("| metric | value | standard error |\n|---|---:|---:|\n");
    for (Metric m : result.metrics()) {
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %.4f | %s |%n",
              m.name(),
              m.value(),
              m.standardError().map(e -> String.format(Locale.ROOT, "%.4f", e)).orElse("")));
    }
    return text.toString();
  }
}
