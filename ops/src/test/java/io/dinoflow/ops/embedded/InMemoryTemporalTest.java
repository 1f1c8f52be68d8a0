package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.dinoflow.workflow.SearchAttributes;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowOptions;
import io.temporal.client.WorkflowStub;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InMemoryTemporalTest {
  @TempDir Path folder;
  private final List<String> said = new CopyOnWriteArrayList<>();

  @Test
  void takesARunWithOurSearchAttributes() throws Exception {
    int port = new Ports(folder, said::add).any();
    try (InMemoryTemporal ignored = InMemoryTemporal.start(port, SearchAttributes.TYPES)) {
      TemporalServer.awaitReady("127.0.0.1:" + port);
      WorkflowServiceStubs stubs =
          WorkflowServiceStubs.newServiceStubs(
              WorkflowServiceStubsOptions.newBuilder().setTarget("127.0.0.1:" + port).build());
      WorkflowStub workflow =
          WorkflowClient.newInstance(stubs)
              .newUntypedWorkflowStub(
                  "PipelineWorkflow",
                  WorkflowOptions.newBuilder()
                      .setWorkflowId("demo-1")
                      .setTaskQueue("pipeline")
                      .setTypedSearchAttributes(
                          io.temporal.common.SearchAttributes.newBuilder()
                              .set(SearchAttributes.DINO_RUN, "demo-1")
                              .build())
                      .build());

      assertThat(workflow.start("{}").getWorkflowId()).isEqualTo("demo-1");
      stubs.shutdownNow();
    }
    await().atMost(Duration.ofMinutes(2)).until(() -> Ports.isFree(port));
  }
}
