package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dinoflow.ops.Home;
import io.dinoflow.workflow.Payloads;
import io.dinoflow.workflow.SearchAttributes;
import io.dinoflow.workflow.TaskQueues;
import io.dinoflow.workflow.impl.FlowOptions;
import io.dinoflow.workflow.impl.Workflows;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import io.temporal.worker.WorkerFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A real Temporal server that a test may stop and start again, and a worker beside it. */
final class TestTemporal implements AutoCloseable {
  private final Path folder;
  private final Path program;
  private final TemporalServer.Addresses addresses;
  private final WorkflowServiceStubs stubs;
  private final WorkflowClient client;
  private Process server;
  private Optional<WorkerFactory> workers = Optional.empty();

  private TestTemporal(Path folder, Path program, TemporalServer.Addresses addresses)
      throws Exception {
    this.folder = folder;
    this.program = program;
    this.addresses = addresses;
    this.server = started();
    this.stubs =
        WorkflowServiceStubs.newServiceStubs(
            WorkflowServiceStubsOptions.newBuilder().setTarget(addresses.frontend()).build());
    this.client =
        WorkflowClient.newInstance(
            stubs,
            WorkflowClientOptions.newBuilder().setDataConverter(Payloads.converter()).build());
  }

  /** Skips the test where there is no server program. */
  static TestTemporal in(Path folder) throws Exception {
    List<String> said = new CopyOnWriteArrayList<>();
    Optional<Path> program =
        new TemporalProgram(
                new Programs(Map.copyOf(System.getenv())), TemporalProgram.PUBLISHER, said::add)
            .locate();
    assumeTrue(program.isPresent(), "no Temporal server: put `temporal` or `go` on PATH");
    Ports ports = new Ports(folder, said::add);
    return new TestTemporal(
        folder,
        program.orElseThrow(),
        new TemporalServer.Addresses(ports.any(), ports.any(), ports.any(), ports.any()));
  }

  private Process started() throws Exception {
    Process process =
        new ProcessBuilder(
                TemporalServer.command(
                    program, new Home(folder), addresses, SearchAttributes.TYPES))
            .redirectErrorStream(true)
            .redirectOutput(
                ProcessBuilder.Redirect.appendTo(folder.resolve("temporal.log").toFile()))
            .start();
    TemporalServer.awaitReady(addresses.frontend());
    return process;
  }

  WorkflowClient client() {
    return client;
  }

  void startWorker(Object... activities) {
    WorkerFactory factory = WorkerFactory.newInstance(client);
    Workflows.register(factory.newWorker(TaskQueues.PIPELINE), FlowOptions.embedded());
    factory.newWorker(TaskQueues.LIGHT).registerActivitiesImplementations(activities);
    factory.start();
    workers = Optional.of(factory);
  }

  /** With -9, as an outage does. */
  void killServer() throws Exception {
    server.destroyForcibly();
    assertThat(server.waitFor(2, TimeUnit.MINUTES)).isTrue();
  }

  /** On the same database. */
  void startServerAgain() throws Exception {
    server = started();
  }

  @Override
  public void close() throws Exception {
    workers.ifPresent(
        factory -> {
          factory.shutdownNow();
          factory.awaitTermination(10, TimeUnit.SECONDS);
        });
    stubs.shutdownNow();
    server.destroy();
    assertThat(server.waitFor(2, TimeUnit.MINUTES)).isTrue();
  }
}
