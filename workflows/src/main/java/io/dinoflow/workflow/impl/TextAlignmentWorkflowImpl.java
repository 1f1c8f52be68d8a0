package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.AlignActivities;
import io.dinoflow.workflow.activity.AlignActivities.AlignSegment;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.StageRequest;
import io.dinoflow.workflow.api.TextAlignmentWorkflow;
import io.temporal.workflow.Workflow;

final class TextAlignmentWorkflowImpl extends SegmentedStage implements TextAlignmentWorkflow {
  TextAlignmentWorkflowImpl(FlowOptions options) {
    super(options);
  }

  @Override
  public StageResult run(StageRequest request) {
    DatasetRef dataset = Inputs.dataset(request);
    CheckpointRef vision = Inputs.origin(request).orElseThrow();
    return train(
        request,
        (from, until, gramTeacher, profileSteps, summary) ->
            segment(
                new AlignSegment(
                    TrackId.of(request.run(), request.plan().name()),
                    request.recipe(),
                    from,
                    until,
                    vision,
                    dataset,
                    profileSteps),
                summary),
        next -> Workflow.newContinueAsNewStub(TextAlignmentWorkflow.class).run(next));
  }

  private SegmentResult segment(AlignSegment request, String summary) {
    return Calls.heavy(AlignActivities.class, TaskQueues.TRAIN, SEGMENT_MAX, options(), summary)
        .alignSegment(request);
  }
}
