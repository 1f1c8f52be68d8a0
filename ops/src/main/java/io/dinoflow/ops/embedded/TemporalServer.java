package io.dinoflow.ops.embedded;

import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import io.grpc.StatusRuntimeException;
import io.temporal.api.workflowservice.v1.DescribeNamespaceRequest;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The command line of the embedded Temporal server, and how to tell that it is ready. */
final class TemporalServer {
  private static final Duration READY_MAX = Duration.ofSeconds(60);

  private TemporalServer() {}

  /** Loopback ports of the one server process. */
  record Addresses(int frontendPort, int uiPort, int httpPort, int metricsPort) {
    String frontend() {
      return "127.0.0.1:" + frontendPort;
    }

    String ui() {
      return "http://127.0.0.1:" + uiPort;
    }
  }

  static List<String> command(
      Path program, Home home, Addresses addresses, Map<String, String> searchAttributes) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "server",
                "start-dev",
                "--db-filename",
                home.temporalDatabase().toString(),
                "--ip",
                "127.0.0.1",
                "--port",
                String.valueOf(addresses.frontendPort()),
                "--ui-port",
                String.valueOf(addresses.uiPort()),
                "--http-port",
                String.valueOf(addresses.httpPort()),
                "--metrics-port",
                String.valueOf(addresses.metricsPort()),
                "--log-level",
                "warn"));
    searchAttributes.forEach(
        (name, type) -> {
          command.add("--search-attribute");
          command.add(name + "=" + type);
        });
    return List.copyOf(command);
  }

  /** Waits until the frontend answers for our namespace. */
  static void awaitReady(String address) throws IOException, InterruptedException {
    WorkflowServiceStubs stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(address).build());
    try {
      if (!Wait.until(() -> answers(stubs), READY_MAX)) {
        throw new IOException(
            "Temporal at %s is not ready after %d s".formatted(address, READY_MAX.toSeconds()));
      }
    } finally {
      stubs.shutdownNow();
      stubs.awaitTermination(1, TimeUnit.SECONDS);
    }
  }

  private static boolean answers(WorkflowServiceStubs stubs) {
    try {
      stubs
          .blockingStub()
          .withDeadlineAfter(2, TimeUnit.SECONDS)
          .describeNamespace(
              DescribeNamespaceRequest.newBuilder()
                  .setNamespace(OpsConfig.DEFAULT_NAMESPACE)
                  .build());
      return true;
    } catch (StatusRuntimeException notYet) {
      return false;
    }
  }
}
