package io.dinoflow.workflow.api;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.workflow.activity.StageResult;
import java.util.List;

/** What a finished run made, stage by stage. */
public record PipelineResult(RunId run, List<StageResult> stages) {
  public PipelineResult {
    stages = List.copyOf(stages);
  }
}
