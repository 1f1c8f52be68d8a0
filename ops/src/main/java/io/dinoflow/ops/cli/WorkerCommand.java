package io.dinoflow.ops.cli;

import io.dinoflow.ops.ExitCode;
import io.dinoflow.ops.Listener;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.WorkerRole;
import io.dinoflow.ops.Workers;
import io.dinoflow.ops.embedded.Lifeline;
import io.dinoflow.ops.embedded.NativeCode;
import io.dinoflow.ops.metrics.MetricsServer;
import io.dinoflow.ops.metrics.ProcessMetrics;
import io.temporal.worker.WorkerFactory;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/**
 * One worker process; runs until it is told to stop. On SIGTERM the activity at hand commits at its
 * next step and hands over, within the grace period.
 */
@CommandLine.Command(
    name = "worker",
    description = "Run one worker process on the services that the environment names.")
final class WorkerCommand extends Command {
  private static final long GRACE_SECONDS = 80;

  @Option(
      names = "--role",
      required = true,
      paramLabel = "ROLE",
      description = "One of ${COMPLETION-CANDIDATES}.")
  private WorkerRole role;

  @Override
  protected ExitCode run() throws Exception {
    CountDownLatch stopped = new CountDownLatch(1);
    Listener where = Listener.metrics(environment());
    NativeCode.check(environment());
    try (ProcessMetrics metrics = ProcessMetrics.install("worker-" + role.word());
        MetricsServer server = MetricsServer.start(where, metrics);
        Services services = Services.open(OpsConfig.of(environment()))) {
      WorkerFactory factory = Workers.of(role, services);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(factory, stopped), "stop"));
      Lifeline.watchIfTethered(environment());
      factory.start();
      printer().note("worker %s polls; metrics at %s".formatted(role.word(), server.url()));
      stopped.await();
    }
    return ExitCode.OK;
  }

  /** The process ends with this hook, so it waits until the hand-over is done. */
  private static void stop(WorkerFactory factory, CountDownLatch stopped) {
    factory.shutdown();
    factory.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
    stopped.countDown();
  }
}
