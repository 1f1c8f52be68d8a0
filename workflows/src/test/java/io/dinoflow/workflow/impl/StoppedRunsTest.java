package io.dinoflow.workflow.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.StagePlan.GroupPlan;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.CurationWorkflow;
import io.dinoflow.workflow.api.PipelineWorkflow;
import io.dinoflow.workflow.api.SegmentsCarried;
import io.dinoflow.workflow.api.StageRequest;
import io.dinoflow.workflow.api.TrainWorkflow;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whatever is told to stop commits a checkpoint, ends its run, and goes on from there later. */
class StoppedRunsTest {
  private static final GroupPlan VITS = new GroupPlan("vits", List.of("tiny", "small"));
  private static final GroupPlan CONVS = new GroupPlan("convs", List.of("pico"));

  @Test
  void stopsAfterACheckpointAndGoesOnFromThere() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.held = segment -> true;
      PipelineWorkflow run = bench.started("run-1");
      bench.awaitHolding();

      assertThatThrownBy(() -> run.stopAfterCheckpoint(" "))
          .hasStackTraceContaining("needs a reason");
      assertThat(run.stopAfterCheckpoint("good enough"))
          .isEqualTo("stage pretrain commits a checkpoint, then the run ends");

      assertThatThrownBy(() -> FlowBench.result(run))
          .hasStackTraceContaining("stopped in stage pretrain: good enough");
      bench.record("run-1", "pipeline-stopped");
      assertThat(bench.house.book)
          .endsWith(
              "pretrain cancelled: cancelled",
              "close cancelled: stopped in stage pretrain: good enough");

      bench.house.held = segment -> false;
      assertThat(bench.run("run-1").stages()).hasSize(2);
    }
  }

  @Test
  void aStageThatIsStoppedEndsItsRunWhichGoesOnFromTheCheckpoint() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.held = segment -> true;
      PipelineWorkflow run = bench.started("run-1");
      bench.awaitHolding();
      TrainWorkflow stage = bench.client().newWorkflowStub(TrainWorkflow.class, "run-1/pretrain");

      assertThatThrownBy(() -> stage.stopAfterCheckpoint(" "))
          .isInstanceOf(WorkflowUpdateException.class)
          .hasStackTraceContaining("stopAfterCheckpoint needs a reason");
      assertThat(stage.stopAfterCheckpoint("good enough"))
          .isEqualTo("a checkpoint is committed, then the stage and its run end");

      assertThatThrownBy(() -> FlowBench.result(run))
          .hasStackTraceContaining("stage pretrain was stopped: good enough");
      bench.record("run-1", "pipeline-stage-stopped");
      bench.record("run-1/pretrain", "train-stopped");
      assertThat(bench.house.book)
          .endsWith(
              "pretrain cancelled: stage pretrain was stopped: good enough",
              "close cancelled: stage pretrain was stopped: good enough");
      assertThat(run.progress().reason()).isEqualTo("stage pretrain was stopped: good enough");

      bench.house.held = segment -> false;
      assertThat(bench.run("run-1").stages()).hasSize(2);
    }
  }

  @Test
  void aStageWithoutARunIsStoppedToo() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      StageResult curated = bench.run("run-1").stages().get(0);
      bench.house.held = segment -> true;
      TrainWorkflow stage =
          bench
              .client()
              .newWorkflowStub(
                  TrainWorkflow.class,
                  WorkflowOptions.newBuilder()
                      .setWorkflowId("alone/pretrain")
                      .setTaskQueue(TaskQueues.PIPELINE)
                      .build());
      StageRequest request =
          new StageRequest(
              new RunId("alone"),
              Sha256.ofText("recipe"),
              Plan.pretrain(100),
              List.of(curated),
              false,
              0,
              Optional.of(
                  new SegmentsCarried(0, 0, 0, Sha256.ofText("key"), List.of(), false, "")));
      WorkflowClient.start(stage::run, request);
      bench.awaitHolding();

      stage.stopAfterCheckpoint("seen enough");

      assertThatThrownBy(() -> WorkflowStub.fromTyped(stage).getResult(StageResult.class))
          .hasStackTraceContaining("stage pretrain was stopped: seen enough");
    }
  }

  @Test
  void aDistillationStopsWithItsGroupsAndAGroupWithItsDistillation() throws Exception {
    for (String asked : List.of("run-1/distill", "run-1/distill/vits")) {
      try (FlowBench bench =
          FlowBench.of(Plan.curate(), Plan.pretrain(100), Plan.distill(VITS, CONVS))) {
        bench.house.groupHeld = segment -> segment.group().equals("vits");
        PipelineWorkflow run = bench.started("run-1");
        bench.awaitHolding();

        bench
            .client()
            .newUntypedWorkflowStub(asked)
            .update("stopAfterCheckpoint", String.class, "good enough");

        String told =
            asked.endsWith("vits")
                ? "group vits of stage distill was stopped: good enough"
                : "stage distill was stopped: good enough";
        assertThatThrownBy(() -> FlowBench.result(run)).hasStackTraceContaining(told);
        bench.record(
            asked, asked.endsWith("vits") ? "distill-group-stopped" : "distillation-stopped");
        assertThat(bench.house.book)
            .endsWith("distill cancelled: " + told, "close cancelled: " + told);

        bench.house.groupHeld = segment -> false;
        assertThat(bench.run("run-1").stages()).hasSize(3);
      }
    }
  }

  @Test
  void aStageThatTrainsNothingIsStoppedToo() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.ingestHeld = true;
      PipelineWorkflow run = bench.started("run-1");
      bench.awaitHolding();
      CurationWorkflow stage =
          bench.client().newWorkflowStub(CurationWorkflow.class, "run-1/curate");

      stage.stopAfterCheckpoint("wrong pictures");

      assertThatThrownBy(() -> FlowBench.result(run))
          .hasStackTraceContaining("stage curate was stopped: wrong pictures");
      assertThat(bench.house.book)
          .endsWith("close cancelled: stage curate was stopped: wrong pictures");
      assertThat(bench.house.segments).isEmpty();
    }
  }
}
