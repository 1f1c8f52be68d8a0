package io.dinoflow.workflow.impl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.activity.MaintenanceActivities;
import io.dinoflow.workflow.api.MaintenanceWorkflow;
import io.dinoflow.workflow.api.MaintenanceWorkflow.MaintenanceRequest;
import io.dinoflow.workflow.api.MaintenanceWorkflow.Task;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.client.WorkflowFailedException;
import io.temporal.client.WorkflowOptions;
import io.temporal.failure.ApplicationFailure;
import io.temporal.testing.TestEnvironmentOptions;
import io.temporal.testing.TestWorkflowEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MaintenanceWorkflowTest {
  private TestWorkflowEnvironment server;
  private final Store store = new Store();

  @BeforeEach
  void start() {
    server =
        TestWorkflowEnvironment.newInstance(
            TestEnvironmentOptions.newBuilder()
                .setWorkflowClientOptions(
                    WorkflowClientOptions.newBuilder()
                        .setDataConverter(Payloads.converter())
                        .build())
                .build());
    Workflows.register(
        server.newWorker(TaskQueues.PIPELINE, FlowBench.PATIENT), FlowOptions.embedded());
    server.newWorker(TaskQueues.LIGHT).registerActivitiesImplementations(store);
    server.start();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void saysWhatARoundLetGoOf() throws Exception {
    assertThat(run("gc/bucket", new MaintenanceRequest(Task.GC, 0)))
        .isEqualTo(
            "2 checkpoints expired, 9 blobs (4096 bytes) deleted, 1 left for the next round, 3 orphans and 4 unfinished uploads removed");
    record("gc/bucket", "maintenance-gc");
  }

  @Test
  void namesWhatAScrubFoundDamaged() throws Exception {
    assertThat(run("scrub/bucket", new MaintenanceRequest(Task.SCRUB, 77)))
        .isEqualTo("5 blobs (77 bytes) read back, 1 damaged: teacher.safetensors: short");
    record("scrub/bucket", "maintenance-scrub");
  }

  @Test
  void endsWithTheReasonWhereTheStoreIsOdd() {
    store.odd = true;

    assertThatThrownBy(() -> run("gc/odd", new MaintenanceRequest(Task.GC, 0)))
        .isInstanceOf(WorkflowFailedException.class)
        .cause()
        .hasMessageContaining("far less is held");
    assertThat(store.rounds).as("a person must look: no other attempt").hasValue(1);
  }

  private String run(String id, MaintenanceRequest request) {
    return server
        .getWorkflowClient()
        .newWorkflowStub(
            MaintenanceWorkflow.class,
            WorkflowOptions.newBuilder()
                .setWorkflowId(id)
                .setTaskQueue(TaskQueues.PIPELINE)
                .build())
        .run(request);
  }

  private void record(String workflowId, String name) throws IOException {
    String folder = System.getProperty(FlowBench.RECORD, "");
    if (!folder.isEmpty()) {
      Files.writeString(
          Files.createDirectories(Path.of(folder)).resolve(name + ".json"),
          server.getWorkflowClient().fetchHistory(workflowId).toJson(true));
    }
  }

  private static final class Store implements MaintenanceActivities {
    private final AtomicInteger rounds = new AtomicInteger();
    private volatile boolean odd;

    @Override
    public Collected collect() {
      rounds.incrementAndGet();
      if (odd) {
        throw ApplicationFailure.newNonRetryableFailure("far less is held", Failures.ODD_STORE);
      }
      return new Collected(2, 9, 4096, 1, 3, 4);
    }

    @Override
    public Scrubbed scrub(ScrubRequest request) {
      return new Scrubbed(5, request.bytesMax(), List.of("teacher.safetensors: short"));
    }
  }
}
