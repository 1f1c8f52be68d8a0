package io.dinoflow.ops.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.DistillationWorkflow;
import io.dinoflow.workflow.api.PipelineProgress;
import io.dinoflow.workflow.api.PipelineResult;
import io.dinoflow.workflow.api.PipelineWorkflow;
import io.dinoflow.workflow.api.StageRequest;
import io.dinoflow.workflow.api.StageWorkflow;
import io.dinoflow.workflow.api.TextAlignmentWorkflow;
import io.dinoflow.workflow.api.TrainWorkflow;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.temporal.api.common.v1.WorkflowExecution;
import io.temporal.api.enums.v1.WorkflowExecutionStatus;
import io.temporal.api.enums.v1.WorkflowIdConflictPolicy;
import io.temporal.api.enums.v1.WorkflowIdReusePolicy;
import io.temporal.api.workflow.v1.PendingActivityInfo;
import io.temporal.api.workflow.v1.PendingChildExecutionInfo;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionRequest;
import io.temporal.api.workflowservice.v1.DescribeWorkflowExecutionResponse;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.common.SearchAttributes.Builder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Starts, steers and looks at runs. A run is the PipelineWorkflow whose workflow id is its {@link
 * RunId}; a closed one is started again under the same id to go on from what it committed.
 */
public final class RunClient {
  private final WorkflowClient client;

  public RunClient(WorkflowClient client) {
    this.client = client;
  }

  /**
   * Starts a run, or starts a closed one again.
   *
   * @throws io.temporal.client.WorkflowExecutionAlreadyStarted one with this id runs now
   */
  public void start(RunId run, JsonNode request, String summary) {
    start(run, request, summary, WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_FAIL);
  }

  /** Starts a run unless it runs already. */
  public void ensureRunning(RunId run, JsonNode request, String summary) {
    start(run, request, summary, WorkflowIdConflictPolicy.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING);
  }

  /** Where Temporal sees the run; empty when it never heard of it. */
  public Optional<WorkflowExecutionStatus> status(RunId run) {
    return describe(run.value()).map(answer -> answer.getWorkflowExecutionInfo().getStatus());
  }

  /** Its stages and what they do now. */
  public RunSnapshot snapshot(RunId run) {
    PipelineProgress pipeline = stub(run).query("progress", PipelineProgress.class);
    Map<String, List<RunSnapshot.Live>> live = new HashMap<>();
    for (PipelineProgress.Stage stage : pipeline.stages()) {
      if (stage.state().equals("running")) {
        List<RunSnapshot.Live> found = new ArrayList<>();
        collect(stage.workflowId(), found);
        live.put(stage.name(), List.copyOf(found));
      }
    }
    return new RunSnapshot(pipeline, live);
  }

  /** Waits for the end. */
  public PipelineResult result(RunId run) {
    return stub(run).getResult(PipelineResult.class);
  }

  /** Runs one stage on its own, outside a pipeline, and waits for its result. */
  public StageResult stage(StageRequest request, String summary) {
    Class<? extends StageWorkflow> type =
        switch (request.plan().kind()) {
          case TRAIN -> TrainWorkflow.class;
          case DISTILL -> DistillationWorkflow.class;
          case ALIGN_TEXT -> TextAlignmentWorkflow.class;
          case CURATE, EVALUATE, IMPORT ->
              throw new IllegalArgumentException(
                  "stage " + request.plan().name() + " trains nothing");
        };
    WorkflowStub stub =
        client.newUntypedWorkflowStub(
            type.getSimpleName(),
            WorkflowOptions.newBuilder()
                .setWorkflowId(WorkflowIds.stage(request.run(), request.plan().name()))
                .setTaskQueue(TaskQueues.PIPELINE)
                .setStaticSummary(summary)
                .build());
    stub.start(request);
    return stub.getResult(StageResult.class);
  }

  /** Checkpoints, frees the worker, waits; returns what the run answers. */
  public String pause(RunId run, String reason) {
    return stub(run).update("pause", String.class, reason);
  }

  /** Goes on after a pause; returns what the run answers. */
  public String resume(RunId run) {
    return stub(run).update("resume", String.class);
  }

  /** Changes the recipe from the next segment on; returns what changed. */
  public String setOverride(RunId run, JsonNode overrides, String reason) {
    return stub(run).update("setOverride", String.class, overrides, reason);
  }

  /** Asks the run to checkpoint and end. */
  public void cancel(RunId run) {
    stub(run).cancel();
  }

  private void start(
      RunId run, JsonNode request, String summary, WorkflowIdConflictPolicy whenRunning) {
    Builder attributes =
        io.temporal.common.SearchAttributes.newBuilder()
            .set(SearchAttributes.DINO_RUN, run.value());
    WorkflowStub stub =
        client.newUntypedWorkflowStub(
            PipelineWorkflow.class.getSimpleName(),
            WorkflowOptions.newBuilder()
                .setWorkflowId(run.value())
                .setTaskQueue(TaskQueues.PIPELINE)
                .setWorkflowIdReusePolicy(
                    WorkflowIdReusePolicy.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE)
                .setWorkflowIdConflictPolicy(whenRunning)
                .setStaticSummary(summary)
                .setTypedSearchAttributes(attributes.build())
                .build());
    stub.start(request);
  }

  private WorkflowStub stub(RunId run) {
    return client.newUntypedWorkflowStub(run.value());
  }

  /** Pending activities of a workflow and of its children: students are trained a level deeper. */
  private void collect(String workflowId, List<RunSnapshot.Live> into) {
    Optional<DescribeWorkflowExecutionResponse> answer = describe(workflowId);
    if (answer.isEmpty()) {
      return;
    }
    for (PendingActivityInfo activity : answer.get().getPendingActivitiesList()) {
      into.add(
          new RunSnapshot.Live(
              workflowId,
              activity.hasHeartbeatDetails() ? progress(activity) : Optional.empty(),
              activity.getAttempt(),
              activity.getLastFailure().getMessage().lines().findFirst().orElse("")));
    }
    for (PendingChildExecutionInfo child : answer.get().getPendingChildrenList()) {
      collect(child.getWorkflowId(), into);
    }
  }

  private static Optional<Progress> progress(PendingActivityInfo activity) {
    return Optional.ofNullable(
        Payloads.converter()
            .fromPayloads(
                0, Optional.of(activity.getHeartbeatDetails()), Progress.class, Progress.class));
  }

  private Optional<DescribeWorkflowExecutionResponse> describe(String workflowId) {
    try {
      return Optional.of(
          client
              .getWorkflowServiceStubs()
              .blockingStub()
              .describeWorkflowExecution(
                  DescribeWorkflowExecutionRequest.newBuilder()
                      .setNamespace(client.getOptions().getNamespace())
                      .setExecution(WorkflowExecution.newBuilder().setWorkflowId(workflowId))
                      .build()));
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
