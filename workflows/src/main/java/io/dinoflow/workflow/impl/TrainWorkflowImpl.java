package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.activity.TrainActivities;
import io.dinoflow.workflow.activity.TrainActivities.TrainSegment;
import io.dinoflow.workflow.api.StageRequest;
import io.dinoflow.workflow.api.TrainWorkflow;
import io.temporal.workflow.Workflow;
import java.util.Optional;

final class TrainWorkflowImpl extends SegmentedStage implements TrainWorkflow {
  TrainWorkflowImpl(FlowOptions options) {
    super(options);
  }

  @Override
  public StageResult run(StageRequest request) {
    StagePlan plan = request.plan();
    DatasetRef dataset = Inputs.dataset(request);
    Optional<CheckpointRef> origin = Inputs.origin(request);
    return train(
        request,
        (from, until, gramTeacher, profileSteps, summary) ->
            segment(
                new TrainSegment(
                    TrackId.of(request.run(), plan.name()),
                    request.recipe(),
                    from,
                    until,
                    gramTeacher,
                    origin,
                    dataset,
                    profileSteps),
                summary),
        next -> Workflow.newContinueAsNewStub(TrainWorkflow.class).run(next));
  }

  private SegmentResult segment(TrainSegment request, String summary) {
    return Calls.heavy(TrainActivities.class, TaskQueues.TRAIN, SEGMENT_MAX, options(), summary)
        .trainSegment(request);
  }
}
