package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Listener;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.embedded.Lifeline;
import io.dinoflow.ops.metrics.ProcessMetrics;
import io.dinoflow.ops.web.PageServer;
import io.dinoflow.ops.web.Watched;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * The page and its API as a process of their own, on the services that the environment names; runs
 * until it is told to stop. The embedded stack has it in the supervisor.
 */
@CommandLine.Command(
    name = "page",
    description = {
      "Serve the page and its API on the services that the environment names.",
      "Beyond loopback it wants a token (DINOFLOW_TOKEN or DINOFLOW_TOKEN_FILE)."
    })
final class PageCommand extends Command {
  @Option(
      names = "--address",
      paramLabel = "HOST:PORT",
      description = "Where to listen (default: $DINOFLOW_PAGE_ADDRESS or 127.0.0.1:8080).")
  private String address = "";

  @Override
  protected ExitCode run() throws Exception {
    Map<String, String> variables = new HashMap<>(environment());
    if (!address.isEmpty()) {
      variables.put(Listener.PAGE_ADDRESS, address);
    }
    Listener where = Listener.page(variables);
    OpsConfig config = OpsConfig.of(variables);
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(told, stopped), "stop"));
    Lifeline.watchIfTethered(variables);
    try (ProcessMetrics metrics = ProcessMetrics.install("page");
        PageServer page = PageServer.start(where, config, new Watched(metrics::text, List.of()))) {
      printer().note("the page is at " + page.url());
      told.await();
    } finally {
      stopped.countDown();
    }
    return ExitCode.OK;
  }

  /** The process ends with this hook, so it waits until the page is closed. */
  private static void stop(CountDownLatch told, CountDownLatch stopped) {
    told.countDown();
    try {
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
