package io.dinoflow.workflow.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.api.PipelineResult;
import io.dinoflow.workflow.api.PipelineWorkflow;
import io.temporal.api.enums.v1.IndexedValueType;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import io.temporal.worker.WorkerOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The workflows on the in-memory server, with the fake house behind every queue. */
final class FlowBench implements AutoCloseable {
  private static final Map<String, IndexedValueType> TYPES =
      Map.of(
          "Keyword", IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
          "Int", IndexedValueType.INDEXED_VALUE_TYPE_INT,
          "Double", IndexedValueType.INDEXED_VALUE_TYPE_DOUBLE);

  /** Where histories are written when this property names a folder. */
  static final String RECORD = "histories.record";

  final FakeHouse house;
  final FakeRetraining retraining = new FakeRetraining();

  /** Loading classes on a busy machine may take longer than a workflow may think. */
  static final WorkerOptions PATIENT =
      WorkerOptions.newBuilder().setDefaultDeadlockDetectionTimeout(30_000).build();

  final TestWorkflowEnvironment server;

  private FlowBench(FakeHouse house, FlowOptions options) {
    this.house = house;
    this.server =
        TestWorkflowEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .build());
    SearchAttributes.TYPES.forEach(
        (name, type) -> server.registerSearchAttribute(name, TYPES.get(type)));
    Workflows.register(server.newWorker(TaskQueues.PIPELINE, PATIENT), options);
    WorkerOptions quick =
        WorkerOptions.newBuilder().setMaxHeartbeatThrottleInterval(Duration.ofMillis(50)).build();
    for (String queue :
        List.of(TaskQueues.LIGHT, TaskQueues.DATA, TaskQueues.TRAIN, TaskQueues.EVAL)) {
      server.newWorker(queue, quick).registerActivitiesImplementations(house, retraining);
    }
    server.start();
  }

  static FlowBench of(StagePlan... plans) {
    return of(patient(100), plans);
  }

  /** So many segments an execution; a thread that gets no core for a while misses no beat. */
  static FlowOptions patient(int segments) {
    return new FlowOptions(Duration.ofMinutes(5), segments, Duration.ofMinutes(2));
  }

  static FlowBench of(FlowOptions options, StagePlan... plans) {
    return new FlowBench(new FakeHouse(List.of(plans)), options);
  }

  WorkflowClient client() {
    return server.getWorkflowClient();
  }

  PipelineWorkflow pipeline(String run) {
    return client()
        .newWorkflowStub(
            PipelineWorkflow.class,
            WorkflowOptions.newBuilder()
                .setWorkflowId(run)
                .setTaskQueue(TaskQueues.PIPELINE)
                .build());
  }

  PipelineResult run(String run) {
    return pipeline(run).run(demo());
  }

  /** Starts a run and leaves it going. */
  PipelineWorkflow started(String run) {
    PipelineWorkflow pipeline = pipeline(run);
    WorkflowClient.start(pipeline::run, demo());
    return pipeline;
  }

  /** Returns once an activity holds still. */
  void awaitHolding() throws InterruptedException {
    assertThat(house.holding.await(2, TimeUnit.MINUTES)).as("an activity holds still").isTrue();
  }

  /** Returns once this is in a book. */
  static void awaitEntry(List<String> book, String entry) {
    await().atMost(Duration.ofMinutes(2)).until(() -> book.contains(entry));
  }

  static JsonNode demo() {
    return JsonNodeFactory.instance.objectNode().put("recipe", "demo");
  }

  static PipelineResult result(PipelineWorkflow pipeline) {
    return WorkflowStub.fromTyped(pipeline).getResult(PipelineResult.class);
  }

  /** Keeps the history of a workflow for the replay test, where that was asked for. */
  void record(String workflowId, String name) {
    String folder = System.getProperty(RECORD, "");
    if (!folder.isEmpty()) {
      try {
        Files.writeString(
            Files.createDirectories(Path.of(folder)).resolve(name + ".json"),
            client().fetchHistory(workflowId).toJson(true));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    server.close();
  }
}
