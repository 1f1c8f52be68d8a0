package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.activity.RunActivities.FindImported;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.ImportWorkflow;
import io.dinoflow.workflow.api.StageRequest;
import io.temporal.workflow.Workflow;
import java.util.Optional;

final class ImportWorkflowImpl extends PlainStage implements ImportWorkflow {
  @Override
  public StageResult run(StageRequest request) {
    begin(request);
    StageScript script = script(request);
    String stage = request.plan().name();
    StageResult result =
        script.perform(
            Optional.empty(),
            reuseKey ->
                Calls.book(stage + ": find the imported model")
                    .findImported(new FindImported(request.run(), request.recipe(), stage)));
    Workflow.setCurrentDetails("**%s** %s".formatted(stage, Summaries.of(result)));
    end(request);
    return result;
  }
}
