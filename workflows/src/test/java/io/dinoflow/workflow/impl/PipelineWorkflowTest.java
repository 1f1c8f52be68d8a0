package io.dinoflow.workflow.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.TextNode;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.RunActivities.Recovery;
import io.dinoflow.workflow.activity.RunActivities.Recovery.Action;
import io.dinoflow.workflow.activity.StagePlan.GroupPlan;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.PipelineResult;
import io.dinoflow.workflow.api.PipelineWorkflow;
import io.dinoflow.workflow.api.RetrainWorkflow;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainOutcome;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainRequest;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.client.WorkflowUpdateException;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.CanceledFailure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class PipelineWorkflowTest {
  private static final GroupPlan VITS = new GroupPlan("vits", List.of("tiny", "small"));
  private static final GroupPlan CONVS = new GroupPlan("convs", List.of("pico"));

  @Test
  void runsEveryStageInOrderAndClosesTheRun() {
    try (FlowBench bench =
        FlowBench.of(
            Plan.curate(), Plan.pretrain(100), Plan.distill(VITS), Plan.align(), Plan.evaluate())) {
      PipelineResult result = bench.run("run-1");
      bench.record("run-1", "pipeline-done");
      bench.record("run-1/curate", "curation-done");
      bench.record("run-1/pretrain", "train-done");
      bench.record("run-1/distill", "distillation-done");
      bench.record("run-1/distill/vits", "distill-group-done");
      bench.record("run-1/align", "alignment-done");
      bench.record("run-1/evaluate", "evaluation-done");

      assertThat(result.stages())
          .extracting(StageResult::stage)
          .containsExactly("curate", "pretrain", "distill", "align", "evaluate");
      assertThat(bench.house.book)
          .containsExactly(
              "open",
              "begin curate",
              "finish curate",
              "begin pretrain",
              "finish pretrain",
              "begin distill",
              "finish distill",
              "begin align",
              "finish align",
              "begin evaluate",
              "evaluate 3 subjects, text true",
              "finish evaluate",
              "close done: ");
    }
  }

  @Test
  void wrongInputFailsAtOnceWithEveryProblemInOneText() {
    try (FlowBench bench = FlowBench.of(Plan.curate())) {
      Throwable failure =
          catchThrowable(
              () ->
                  bench
                      .pipeline("run-1")
                      .run(JsonNodeFactory.instance.objectNode().put("colour", "red")));

      assertThat(failure).isInstanceOf(WorkflowFailedException.class);
      ApplicationFailure cause = (ApplicationFailure) failure.getCause();
      assertThat(cause.getType()).isEqualTo(Failures.BAD_CONFIG);
      assertThat(cause.getOriginalMessage())
          .contains("- recipe: is missing", "- colour: unknown field");
      assertThat(bench.house.book).isEmpty();
    }
  }

  @Test
  void inputThatIsNoObjectOrNotThereReachesTheStrictReaderToo() {
    try (FlowBench bench = FlowBench.of(Plan.curate())) {
      assertThatThrownBy(() -> bench.pipeline("run-1").run(TextNode.valueOf("demo")))
          .hasStackTraceContaining("because of 2 problems");
      WorkflowStub withoutInput =
          bench
              .client()
              .newUntypedWorkflowStub(
                  "PipelineWorkflow",
                  WorkflowOptions.newBuilder()
                      .setWorkflowId("run-2")
                      .setTaskQueue(TaskQueues.PIPELINE)
                      .build());
      withoutInput.start();
      assertThatThrownBy(() -> withoutInput.getResult(PipelineResult.class))
          .hasStackTraceContaining("because of 2 problems");
    }
  }

  @Test
  void anImportedModelsCheckpointIsWhatALaterStageStartsFrom() {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.imported(), Plan.adapt(10))) {
      bench.run("run-1");
      bench.record("run-1/model", "import-done");

      assertThat(bench.house.book)
          .containsSubsequence("begin model", "find model", "finish model", "begin adapt");
      assertThat(bench.house.segments)
          .singleElement()
          .satisfies(
              segment ->
                  assertThat(segment.origin().orElseThrow().track())
                      .hasToString("import-model/imported"));
    }
  }

  @Test
  void refreshesTheGramTeacherFromTheTracksOwnCheckpoints() {
    try (FlowBench bench =
        FlowBench.of(Plan.curate(), Plan.pretrain(100), Plan.gram(100, 200, 30, 0))) {
      bench.run("run-1");
      bench.record("run-1/gram", "train-gram");

      assertThat(gramSegments(bench))
          .containsExactly(
              "100..130 run-1/pretrain@100",
              "130..160 run-1/gram@130",
              "160..190 run-1/gram@160",
              "190..200 run-1/gram@190");
    }
  }

  @Test
  void stopsRefreshingAtTheLimit() {
    try (FlowBench bench =
        FlowBench.of(Plan.curate(), Plan.pretrain(100), Plan.gram(100, 200, 30, 1))) {
      bench.run("run-1");

      assertThat(gramSegments(bench))
          .containsExactly("100..130 run-1/pretrain@100", "130..200 run-1/gram@130");
    }
  }

  @Test
  void continuesAsNewWithTheTeachersChosenSoFar() {
    FlowOptions often = FlowBench.patient(1);
    try (FlowBench bench =
        FlowBench.of(often, Plan.curate(), Plan.pretrain(100), Plan.gram(100, 200, 30, 0))) {
      bench.run("run-1");
      bench.record("run-1/gram", "train-continued");

      assertThat(gramSegments(bench))
          .containsExactly(
              "100..130 run-1/pretrain@100",
              "130..160 run-1/gram@130",
              "160..190 run-1/gram@160",
              "190..200 run-1/gram@190");
      assertThat(bench.house.book).filteredOn("begin gram"::equals).hasSize(1);
    }
  }

  @Test
  void choosesTheTeacherOfAnEarlierStepAgainWhenTheHeadFellBack() {
    TrackId track = TrackId.of(new RunId("run-1"), "gram");
    try (FlowBench bench =
        FlowBench.of(Plan.curate(), Plan.pretrain(100), Plan.gram(100, 200, 30, 0))) {
      bench.house.held =
          segment -> {
            if (segment.fromStep() == 160 && bench.house.segments.size() == 4) {
              bench.house.fallBack(track, 115);
            }
            return false;
          };
      bench.run("run-1");

      assertThat(gramSegments(bench))
          .containsExactly(
              "100..130 run-1/pretrain@100",
              "130..160 run-1/gram@130",
              "160..190 run-1/gram@160",
              "100..130 run-1/pretrain@100",
              "130..160 run-1/gram@130",
              "160..190 run-1/gram@160",
              "190..200 run-1/gram@190");
    }
  }

  private static List<String> gramSegments(FlowBench bench) {
    return bench.house.segments.stream()
        .filter(s -> s.track().stage().equals("gram"))
        .map(
            s ->
                "%d..%d %s"
                    .formatted(
                        s.fromStep(),
                        s.untilStep(),
                        s.gramTeacher().map(t -> t.track() + "@" + t.step()).orElse("none")))
        .toList();
  }

  @Test
  void pauseFreesTheWorkerAndResumeGoesOnFromTheCheckpoint() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.held = segment -> bench.house.segments.size() == 1;
      PipelineWorkflow run = bench.started("run-1");
      bench.awaitHolding();

      assertThat(run.pause("need the machine")).contains("pretrain");
      FlowBench.awaitEntry(bench.house.book, "pretrain paused: need the machine");
      assertThat(run.progress().state()).isEqualTo("paused");
      assertThat(bench.house.segments).hasSize(1);

      run.resume();
      assertThat(FlowBench.result(run).stages()).hasSize(2);
      bench.record("run-1", "pipeline-paused");
      bench.record("run-1/pretrain", "train-paused");
      assertThat(bench.house.segments).hasSize(2);
      assertThat(bench.house.book)
          .containsSubsequence(
              "run paused: need the machine",
              "pretrain paused: need the machine",
              "pretrain running: ",
              "finish pretrain",
              "close done: ");
    }
  }

  @Test
  void pauseWithoutAReasonAndResumeWithoutAPauseAreRefused() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.held = segment -> bench.house.segments.size() == 1;
      PipelineWorkflow run = bench.started("run-1");
      bench.awaitHolding();

      assertThatThrownBy(() -> run.pause(" "))
          .isInstanceOf(WorkflowUpdateException.class)
          .hasStackTraceContaining("pause needs a reason");
      assertThatThrownBy(run::resume).hasStackTraceContaining("the run is not paused");
      WorkflowStub.fromTyped(run).cancel();
      assertThatThrownBy(() -> FlowBench.result(run)).hasRootCauseInstanceOf(CanceledFailure.class);
    }
  }

  @Test
  void anOverrideIsRecordedWhileTheRunGoesOnAndAWrongOneOnlyFailsItself() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.held = segment -> bench.house.segments.size() == 1;
      PipelineWorkflow run = bench.started("run-1");
      bench.awaitHolding();

      JsonNode lower = new ObjectMapper().readTree("{\"pretrain.optim.lr.peak\": 1e-4}");
      assertThat(run.setOverride(lower, "it was too high")).isEqualTo("changed");
      assertThat(bench.house.book)
          .contains("override {pretrain.optim.lr.peak=1.0E-4}: it was too high");

      JsonNode unknown = new ObjectMapper().readTree("{\"pretrain.colour\": 1}");
      assertThatThrownBy(() -> run.setOverride(unknown, "try"))
          .isInstanceOf(WorkflowUpdateException.class)
          .hasStackTraceContaining("pretrain.colour: names no field");
      assertThatThrownBy(() -> run.setOverride(lower, ""))
          .hasStackTraceContaining("needs a reason");
      assertThatThrownBy(() -> run.setOverride(new ObjectMapper().readTree("[]"), "try"))
          .hasStackTraceContaining("needs an object");

      run.pause("on");
      run.resume();
      assertThat(FlowBench.result(run).stages()).hasSize(2);
    }
  }

  @Test
  void cancelStopsTheStageAndClosesTheRun() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.held = segment -> true;
      PipelineWorkflow run = bench.started("run-1");
      bench.awaitHolding();

      WorkflowStub.fromTyped(run).cancel();
      assertThatThrownBy(() -> FlowBench.result(run)).hasRootCauseInstanceOf(CanceledFailure.class);
      bench.record("run-1", "pipeline-cancelled");
      bench.record("run-1/pretrain", "train-cancelled");
      assertThat(bench.house.book)
          .endsWith(
              "pretrain cancelled: cancelled", "close cancelled: cancelled in stage pretrain");
    }
  }

  @Test
  void aCancelledRunGoesOnUnderTheSameId() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.held = segment -> bench.house.segments.size() == 1;
      PipelineWorkflow run = bench.started("run-1");
      bench.awaitHolding();
      WorkflowStub.fromTyped(run).cancel();
      assertThatThrownBy(() -> FlowBench.result(run)).isInstanceOf(WorkflowFailedException.class);

      PipelineResult result = bench.run("run-1");
      CheckpointRef made = result.stages().get(1).checkpoint(Optional.empty());
      assertThat(made.step()).isEqualTo(100);
    }
  }

  @Test
  void divergenceFailsTheRunWithItsReason() {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.trainFailure =
          Optional.of(
              ApplicationFailure.newFailure("total_loss is NaN at step 7", Failures.DIVERGED));
      Throwable failure = catchThrowable(() -> bench.run("run-1"));
      bench.record("run-1", "pipeline-failed");
      bench.record("run-1/pretrain", "train-failed");

      ApplicationFailure cause = (ApplicationFailure) failure.getCause();
      assertThat(cause.getType()).isEqualTo(Failures.DIVERGED);
      assertThat(cause.getOriginalMessage())
          .isEqualTo("stage pretrain failed: total_loss is NaN at step 7");
      assertThat(bench.house.segments).hasSize(1);
      assertThat(bench.house.book)
          .endsWith(
              "pretrain failed: total_loss is NaN at step 7",
              "close failed: stage pretrain failed: total_loss is NaN at step 7");
    }
  }

  @Test
  void aRefusedStepIsTriedAgainAsTheRecipeSays() {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.trainFailure = refusedAt(7);
      bench.house.recovery =
          request -> {
            if (request.retries() == 1) {
              bench.house.trainFailure = Optional.empty();
            }
            return new Recovery(Action.RETRY, "batches are skipped");
          };
      assertThat(bench.run("run-1").stages().get(1).checkpoint(Optional.empty()).step())
          .isEqualTo(100);
      bench.record("run-1/pretrain", "train-retried");
      assertThat(bench.house.segments).hasSize(3);
      assertThat(bench.house.book)
          .containsSubsequence(
              "recover pretrain at 7, retries 0", "recover pretrain at 7, retries 1");
    }
  }

  @Test
  void aRefusedStepFailsTheRunWhenTheRetriesAreUsedUp() {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.trainFailure = refusedAt(7);
      bench.house.recovery =
          request ->
              request.retries() < 3
                  ? new Recovery(Action.RETRY, "batches are skipped")
                  : new Recovery(Action.GIVE_UP, "total_loss is NaN; 3 retries are used up");
      Throwable failure = catchThrowable(() -> bench.run("run-1"));
      assertThat(bench.house.segments).hasSize(4);
      assertThat(((ApplicationFailure) failure.getCause()).getOriginalMessage())
          .isEqualTo("stage pretrain failed: total_loss is NaN; 3 retries are used up");
    }
  }

  @Test
  void aRefusedStepPausesTheRunWhereTheRecipeAsks() throws Exception {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.house.trainFailure = refusedAt(7);
      bench.house.recovery = request -> new Recovery(Action.ASK, "total_loss is NaN. Resume?");
      PipelineWorkflow run = bench.started("run-1");
      FlowBench.awaitEntry(bench.house.book, "run paused: total_loss is NaN. Resume?");
      assertThat(run.progress().state()).isEqualTo("paused");

      bench.house.trainFailure = Optional.empty();
      run.resume();
      assertThat(FlowBench.result(run).stages()).hasSize(2);
      bench.record("run-1", "pipeline-asked");
      bench.record("run-1/pretrain", "train-asked");
      assertThat(bench.house.segments).hasSize(2);
    }
  }

  private static Optional<ApplicationFailure> refusedAt(long step) {
    return Optional.of(
        ApplicationFailure.newNonRetryableFailure(
            "total_loss is NaN at step " + step, Failures.DIVERGED, step));
  }

  @Test
  void twoGroupsOfStudentsTrainAtTheSameTime() {
    try (FlowBench bench =
        FlowBench.of(Plan.curate(), Plan.pretrain(100), Plan.distill(VITS, CONVS))) {
      bench.house.groupsMeet = Optional.of(new CyclicBarrier(2));
      PipelineResult result = bench.run("run-1");
      bench.record("run-1/distill", "distillation-two-groups");

      assertThat(result.stages().get(2).checkpoints())
          .extracting(c -> c.track().toString() + "@" + c.step())
          .containsExactly(
              "run-1/distill/tiny@50", "run-1/distill/small@50", "run-1/distill/pico@50");
      assertThat(bench.house.groupSegments)
          .extracting(s -> s.teacher().track().toString())
          .containsOnly("run-1/pretrain");
    }
  }

  @Test
  void aFinishedRunGivesItsResultAgainWithoutWorking() {
    try (FlowBench bench = FlowBench.of(Plan.curate(), Plan.pretrain(100))) {
      bench.run("run-1");
      bench.house.finished = true;
      bench.house.book.clear();

      assertThat(bench.run("run-1").stages()).hasSize(2);
      assertThat(bench.house.book).containsExactly("open");
    }
  }

  @Test
  void aScheduleStartsARunOnlyWhenItDecidedTo() {
    try (FlowBench bench = FlowBench.of(Plan.curate())) {
      RetrainOutcome none = retrain(bench, "fire-1", false);
      assertThat(none).isEqualTo(new RetrainOutcome(Optional.empty(), "nothing new"));
      assertThat(bench.house.book).isEmpty();

      RetrainOutcome started = retrain(bench, "fire-2", true);
      bench.record("fire-2", "retrain-started");
      assertThat(started.run()).hasValueSatisfying(run -> assertThat(run).startsWith("nightly-2"));
      assertThat(bench.house.book).endsWith("close done: ");
    }
  }

  private static RetrainOutcome retrain(FlowBench bench, String id, boolean always) {
    return bench
        .client()
        .newWorkflowStub(
            RetrainWorkflow.class,
            WorkflowOptions.newBuilder()
                .setWorkflowId(id)
                .setTaskQueue(TaskQueues.PIPELINE)
                .build())
        .run(
            Payloads.mapper()
                .valueToTree(RetrainRequest.plain("nightly", FlowBench.demo(), always)));
  }
}
