package io.dinoflow.workflow.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.StageProgress;
import io.dinoflow.workflow.api.StageRequest;
import io.dinoflow.workflow.api.TrainWorkflow;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.WorkflowExecutionHistory;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.testing.WorkflowReplayer;
import io.temporal.worker.Worker;
import io.temporal.workflow.Workflow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Recorded histories must replay on today's code, or running pipelines would be lost with the next
 * release. To record new ones (a new workflow or a new branch): run the other tests of this package
 * with {@code -Dhistories.record=FOLDER} and add the files; never replace old ones to make this
 * test pass.
 */
class WorkflowsReplayTest {
  private static final Path HISTORIES = Path.of("src/test/resources/histories");

  static List<Path> histories() throws IOException {
    try (Stream<Path> files = Files.list(HISTORIES)) {
      return files.filter(f -> f.toString().endsWith(".json")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("histories")
  void replays(Path history) {
    assertThatCode(
            () ->
                replay(
                    Files.readString(history),
                    w -> Workflows.register(w, recordedWith(history.getFileName().toString()))))
        .doesNotThrowAnyException();
  }

  @Test
  void everyKindOfWorkflowHasAHistory() throws IOException {
    String all =
        histories().stream().map(f -> f.getFileName().toString()).reduce("", (a, b) -> a + b);
    assertThat(all)
        .contains(
            "pipeline",
            "curation",
            "train",
            "distillation",
            "distill-group",
            "alignment",
            "evaluation",
            "import",
            "retrain-started",
            "retrain-skipped",
            "retrain-promoted",
            "retrain-refused",
            "retrain-asked",
            "retrain-unanswered",
            "retrain-failed",
            "retrain-cancelled",
            "maintenance-gc",
            "maintenance-scrub",
            "paused",
            "cancelled",
            "train-stopped",
            "distillation-stopped",
            "distill-group-stopped",
            "failed",
            "continued");
  }

  @Test
  void anEditionThatWorksInAnotherOrderIsCaught() throws IOException {
    String history = Files.readString(HISTORIES.resolve("train-done.json"));
    assertThatThrownBy(
            () ->
                replay(
                    history,
                    w ->
                        w.registerWorkflowImplementationFactory(
                            TrainWorkflow.class, SleepsFirst::new)))
        .hasStackTraceContaining("NonDeterministic");
  }

  @Test
  void aHistoryWithAnUnknownFieldAndWithoutAnOptionalOneStillReplays() throws Exception {
    ObjectMapper json = Payloads.mapper();
    JsonNode tree = json.readTree(Files.readString(HISTORIES.resolve("train-done.json")));
    AtomicInteger changed = new AtomicInteger();
    String other =
        rewritten(
            tree,
            json,
            payload -> {
              changed.incrementAndGet();
              payload.remove("reused_from");
              payload.remove("carried");
              payload.put("colour_of_a_later_edition", "red");
            });
    assertThat(changed).hasPositiveValue();
    assertThatCode(() -> replay(other, w -> Workflows.register(w, recordedWith("train-done"))))
        .doesNotThrowAnyException();
  }

  /** Changes the JSON objects inside the payloads of a history. */
  private static String rewritten(JsonNode tree, ObjectMapper json, Consumer<ObjectNode> change)
      throws IOException {
    for (JsonNode parent : tree.findParents("data")) {
      if (parent instanceof ObjectNode payload
          && payload.path("data").isTextual()
          && payload.has("metadata")) {
        byte[] bytes = Base64.getDecoder().decode(payload.path("data").textValue());
        JsonNode value = json.readTree(bytes);
        if (value instanceof ObjectNode object) {
          change.accept(object);
          payload.put("data", Base64.getEncoder().encodeToString(json.writeValueAsBytes(object)));
        }
      }
    }
    return json.writeValueAsString(tree);
  }

  /** How many segments an execution has is part of its order, so the options must agree. */
  private static FlowOptions recordedWith(String name) {
    return new FlowOptions(
        Duration.ofSeconds(15),
        name.startsWith("train-continued") ? 1 : 100,
        Duration.ofMinutes(2));
  }

  private static void replay(String history, Consumer<Worker> registration) throws Exception {
    try (TestWorkflowEnvironment server =
        TestWorkflowEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .build())) {
      Worker worker = server.newWorker(TaskQueues.PIPELINE, FlowBench.PATIENT);
      registration.accept(worker);
      WorkflowReplayer.replayWorkflowExecution(WorkflowExecutionHistory.fromJson(history), worker);
    }
  }

  /** An edition that does something else first. */
  private static final class SleepsFirst implements TrainWorkflow {
    @Override
    public StageResult run(StageRequest request) {
      Workflow.sleep(Duration.ofSeconds(1));
      return StageResult.trained(request.plan().name(), List.of(), List.of());
    }

    @Override
    public void pause(String reason) {
      throw new IllegalStateException("not part of this test");
    }

    @Override
    public void resume() {
      throw new IllegalStateException("not part of this test");
    }

    @Override
    public String stopAfterCheckpoint(String reason) {
      throw new IllegalStateException("not part of this test");
    }

    @Override
    public void checkStop(String reason) {
      throw new IllegalStateException("not part of this test");
    }

    @Override
    public StageProgress progress() {
      throw new IllegalStateException("not part of this test");
    }
  }
}
