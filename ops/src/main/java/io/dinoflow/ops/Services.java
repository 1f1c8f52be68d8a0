package io.dinoflow.ops;

import com.uber.m3.tally.RootScopeBuilder;
import com.uber.m3.tally.Scope;
import com.uber.m3.tally.ScopeCloseException;
import com.uber.m3.util.Duration;
import io.dinoflow.ops.log.Secrets;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.checkpoint.Housekeeping;
import io.dinoflow.storage.checkpoint.Scrub;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.object.MeteredObjectStore;
import io.dinoflow.storage.object.ObjectStore;
import io.dinoflow.storage.object.S3ObjectStore;
import io.dinoflow.storage.registry.FiringLog;
import io.dinoflow.storage.registry.ModelRegistry;
import io.dinoflow.workflow.Payloads;
import io.micrometer.core.instrument.Metrics;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.common.reporter.MicrometerClientStatsReporter;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Open connections to the services of an {@link OpsConfig}, each made when it is first asked for,
 * so that a command that only reads PostgreSQL pays for nothing else. Whoever opens it closes it.
 */
public final class Services implements AutoCloseable {
  private static final int POOL_CONNECTIONS_MAX = 8;
  private static final double SDK_REPORT_SECONDS = 2;

  private final OpsConfig config;
  private final Deque<Runnable> closers = new ArrayDeque<>();
  private @Nullable Database database;
  private @Nullable ObjectStore objects;
  private @Nullable WorkflowClient workflows;

  private Services(OpsConfig config) {
    this.config = config;
    Secrets.hide(config.database().password());
    Secrets.hide(config.objects().secretKey());
  }

  public static Services open(OpsConfig config) {
    return new Services(config);
  }

  public OpsConfig config() {
    return config;
  }

  /** PostgreSQL; what is down fails after 5 s rather than hang. */
  public synchronized Database database() {
    if (database == null) {
      Database opened =
          Database.open(
              config.database().url(),
              config.database().user(),
              config.database().password(),
              POOL_CONNECTIONS_MAX);
      closers.push(opened::close);
      database = opened;
    }
    return database;
  }

  /** Runs, stages and where things came from. */
  public LineageStore lineage() {
    return new LineageStore(database());
  }

  /** The bucket; made when it is not there. */
  public synchronized ObjectStore objects() {
    if (objects == null) {
      OpsConfig.ObjectStorage where = config.objects();
      S3ObjectStore opened =
          S3ObjectStore.connect(
              where.endpoint(), where.bucket(), where.accessKey(), where.secretKey());
      closers.push(
          () -> {
            try {
              opened.close();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      objects = new MeteredObjectStore(opened);
    }
    return objects;
  }

  /** Training states. */
  public CheckpointStore checkpoints() {
    return new CheckpointStore(database(), objects());
  }

  /** Which checkpoints serve under which name. */
  public ModelRegistry models() {
    return new ModelRegistry(database());
  }

  /** What retraining schedules decided. */
  public FiringLog firings() {
    return new FiringLog(database());
  }

  /** Letting go of what nothing needs. */
  public Housekeeping housekeeping() {
    return new Housekeeping(database(), objects());
  }

  /** Reading back what is kept. */
  public Scrub scrub() {
    return new Scrub(database(), objects());
  }

  /** Datasets, reports and other finished things. */
  public ArtifactStore artifacts() {
    return new ArtifactStore(database(), objects());
  }

  /** Temporal. */
  public synchronized WorkflowClient workflows() {
    if (workflows == null) {
      WorkflowServiceStubsOptions.Builder options =
          WorkflowServiceStubsOptions.newBuilder().setTarget(config.temporal().address());
      measured().ifPresent(options::setMetricsScope);
      WorkflowServiceStubs stubs = WorkflowServiceStubs.newServiceStubs(options.build());
      closers.push(
          () -> {
            stubs.shutdown();
            stubs.awaitTermination(2, TimeUnit.SECONDS);
          });
      workflows =
          WorkflowClient.newInstance(
              stubs,
              WorkflowClientOptions.newBuilder()
                  .setNamespace(config.temporal().namespace())
                  .setDataConverter(Payloads.converter())
                  .build());
    }
    return workflows;
  }

  /** Where this process measures anything, the SDK's own metrics go the same way. */
  private Optional<Scope> measured() {
    if (Metrics.globalRegistry.getRegistries().isEmpty()) {
      return Optional.empty();
    }
    Scope scope =
        new RootScopeBuilder()
            .reporter(new MicrometerClientStatsReporter(Metrics.globalRegistry))
            .reportEvery(Duration.ofSeconds(SDK_REPORT_SECONDS));
    closers.push(
        () -> {
          try {
            scope.close();
          } catch (ScopeCloseException e) {
            throw new IllegalStateException("the SDK's metrics cannot be closed", e);
          }
        });
    return Optional.of(scope);
  }

  @Override
  public synchronized void close() {
    while (!closers.isEmpty()) {
      closers.pop().run();
    }
  }
}
