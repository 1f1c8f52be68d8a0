package io.dinoflow.ops.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.embedded.ProcessId;
import io.dinoflow.ops.embedded.Stack;
import io.dinoflow.ops.run.RunClient;
import io.dinoflow.workflow.api.PipelineResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * A whole installation in a folder of its own: real PostgreSQL, S3 server, Temporal and workers, as
 * {@code dinoflow up} starts them. Closing it stops everything.
 */
public final class Installation implements AutoCloseable {
  private final Stack stack;
  private final Services services;
  private final RunClient client;

  private Installation(Stack stack, OpsConfig config) {
    this.stack = stack;
    this.services = Services.open(config);
    this.client = new RunClient(services.workflows());
  }

  public static Installation in(Path folder) throws Exception {
    Stack stack = Stack.of(new Home(folder), Map.copyOf(System.getenv()));
    return new Installation(stack, stack.ensureUp(line -> {}));
  }

  public Services services() {
    return services;
  }

  public RunClient client() {
    return client;
  }

  /** Starts a run and waits for its result. */
  public PipelineResult run(String id, JsonNode request) {
    RunId run = new RunId(id);
    client.start(run, request, "test");
    return client.result(run);
  }

  /** One of the processes that the supervisor keeps. */
  public ProcessId child(String name) {
    return stack.livingState().orElseThrow().children().stream()
        .filter(child -> child.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no process " + name + " runs"));
  }

  /** Kills it with -9. */
  public void kill(String name) {
    child(name).alive().orElseThrow().destroyForcibly();
  }

  /** Lets it stand still until {@link #wake}. */
  public void freeze(String name) throws IOException, InterruptedException {
    send("-STOP", name);
  }

  public void wake(String name) throws IOException, InterruptedException {
    send("-CONT", name);
  }

  private void send(String signal, String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", signal, String.valueOf(child(name).pid())).start().waitFor();
  }

  @Override
  public void close() throws Exception {
    services.close();
    stack.down(line -> {});
  }
}
