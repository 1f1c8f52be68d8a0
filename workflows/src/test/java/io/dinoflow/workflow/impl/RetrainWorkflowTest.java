package io.dinoflow.workflow.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.RetrainActivities.Promote;
import io.dinoflow.workflow.api.RetrainWorkflow;
import io.dinoflow.workflow.api.RetrainWorkflow.RetrainOutcome;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetrainWorkflowTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Test
  void startsNoRunWhereTooLittleIsNew() {
    try (FlowBench bench = bench()) {
      bench.retraining.enough = false;

      RetrainOutcome outcome = workflow(bench, "fire").run(request());

      bench.record("fire", "retrain-skipped");
      assertThat(outcome)
          .isEqualTo(new RetrainOutcome(Optional.empty(), "2 are new; 5 are needed"));
      assertThat(bench.retraining.book)
          .containsExactly("survey", "gather /birds, at least 5, base none", "weigh false");
      assertThat(bench.house.book).isEmpty();
    }
  }

  @Test
  void promotesTheFirstModelThatPasses() {
    try (FlowBench bench = bench()) {
      RetrainOutcome outcome = workflow(bench, "fire").run(request());

      bench.record("fire", "retrain-promoted");
      assertThat(outcome.run()).hasValueSatisfying(run -> assertThat(run).startsWith("nightly-2"));
      assertThat(outcome.reason()).isEqualTo("promoted by schedule nightly: 0.7 against 0.6");
      assertThat(bench.house.book).contains("close done: ");
      assertThat(bench.retraining.book)
          .endsWith(
              "trial", "judge beside nobody", "promoted by schedule nightly: 0.7 against 0.6");
    }
  }

  @Test
  void measuresTheChampionBesideAChallengerAndRefusesAWorseOne() {
    try (FlowBench bench = bench()) {
      bench.retraining.champion = true;
      bench.retraining.passes = false;

      workflow(bench, "fire").run(request());

      bench.record("fire", "retrain-refused");
      assertThat(bench.retraining.book)
          .contains("gather /birds, at least 5, base shapes", "judge beside the champion")
          .endsWith("refused by schedule nightly: 0.7 against 0.6");
      assertThat(bench.house.book).endsWith("evaluate 1 subjects, text false");
    }
  }

  @Test
  void asksAndTakesTheAnswer() throws Exception {
    try (FlowBench bench = bench()) {
      bench.retraining.promote = Promote.ASK;
      RetrainWorkflow firing = workflow(bench, "fire");
      WorkflowClient.start(firing::run, request());
      FlowBench.awaitEntry(bench.retraining.book, "asked by schedule nightly: 0.7 against 0.6");

      // the record is made before the workflow hears of it
      await().atMost(Duration.ofMinutes(2)).until(() -> firing.standing().contains("asked"));
      assertThatThrownBy(() -> firing.decide(answer("perhaps", "who knows")))
          .hasStackTraceContaining("must be approve or reject");
      assertThatThrownBy(() -> firing.decide(answer("approve", " ")))
          .hasStackTraceContaining("needs a reason");
      assertThat(firing.decide(answer("approve", "better on birds"))).isEqualTo("it is promoted");

      RetrainOutcome outcome = WorkflowStub.fromTyped(firing).getResult(RetrainOutcome.class);
      bench.record("fire", "retrain-asked");
      assertThat(outcome.reason()).isEqualTo("promoted by ada: better on birds");
    }
  }

  @Test
  void anAnswerIsTakenAsSoonAsTheQuestionIsOnRecord() {
    try (FlowBench bench = bench()) {
      bench.retraining.promote = Promote.ASK;
      RetrainWorkflow firing = workflow(bench, "fire");
      bench.retraining.onceAsked = () -> firing.decide(answer("approve", "seen on the page"));

      assertThat(firing.run(request()).reason()).isEqualTo("promoted by ada: seen on the page");
    }
  }

  @Test
  void aRejectedChallengerLeavesTheChampion() throws Exception {
    try (FlowBench bench = bench()) {
      bench.retraining.promote = Promote.ASK;
      RetrainWorkflow firing = workflow(bench, "fire");
      WorkflowClient.start(firing::run, request());
      FlowBench.awaitEntry(bench.retraining.book, "asked by schedule nightly: 0.7 against 0.6");
      firing.decide(answer("reject", "odd pictures"));

      assertThat(WorkflowStub.fromTyped(firing).getResult(RetrainOutcome.class).reason())
          .isEqualTo("rejected by ada: odd pictures");
    }
  }

  @Test
  void noAnswerInTimeCountsAsNo() {
    try (FlowBench bench = bench()) {
      bench.retraining.promote = Promote.ASK;

      RetrainOutcome outcome = workflow(bench, "fire").run(request());

      bench.record("fire", "retrain-unanswered");
      assertThat(outcome.reason())
          .isEqualTo("rejected by schedule nightly: nobody answered within 24 hours");
    }
  }

  @Test
  void aFailedRunIsRecordedWithItsReason() {
    try (FlowBench bench = bench()) {
      ObjectNode wrong = request();
      wrong.putObject("pipeline").putNull("recipe");

      assertThatThrownBy(() -> workflow(bench, "fire").run(wrong))
          .hasStackTraceContaining("recipe: is missing");
      bench.record("fire", "retrain-failed");
      assertThat(bench.retraining.book.get(bench.retraining.book.size() - 1))
          .startsWith("failed by schedule nightly: run nightly-")
          .contains("recipe: is missing");
    }
  }

  @Test
  void wrongInputFailsAtOnceWithItsProblems() {
    try (FlowBench bench = bench()) {
      ObjectNode wrong = request();
      wrong.put("colour", "red");

      assertThatThrownBy(() -> workflow(bench, "fire").run(wrong))
          .hasStackTraceContaining("colour: unknown field");
      assertThat(bench.retraining.book).isEmpty();
    }
  }

  @Test
  void nobodyCanAnswerWhatWasNotAsked() throws Exception {
    try (FlowBench bench = bench()) {
      RetrainWorkflow firing = workflow(bench, "fire");
      bench.house.held = segment -> true;
      WorkflowClient.start(firing::run, request());
      bench.awaitHolding();

      assertThatThrownBy(() -> firing.decide(answer("approve", "now")))
          .hasStackTraceContaining("nothing is asked");
      WorkflowStub.fromTyped(firing).cancel();
      assertThatThrownBy(() -> WorkflowStub.fromTyped(firing).getResult(RetrainOutcome.class))
          .hasStackTraceContaining("Canceled");
      bench.record("fire", "retrain-cancelled");
      assertThat(bench.retraining.book).endsWith("cancelled by schedule nightly: it was cancelled");
    }
  }

  private static FlowBench bench() {
    return FlowBench.of(Plan.curate(), Plan.pretrain(100));
  }

  private static ObjectNode request() {
    ObjectNode request = JSON.createObjectNode();
    request.put("schedule", "nightly").put("dataset", "/birds");
    request.set("pipeline", FlowBench.demo());
    return request;
  }

  private static JsonNode answer(String verdict, String why) {
    return JSON.createObjectNode().put("verdict", verdict).put("why", why).put("who", "ada");
  }

  private static RetrainWorkflow workflow(FlowBench bench, String id) {
    return bench
        .client()
        .newWorkflowStub(
            RetrainWorkflow.class,
            WorkflowOptions.newBuilder()
                .setWorkflowId(id)
                .setTaskQueue(TaskQueues.PIPELINE)
                .build());
  }
}
