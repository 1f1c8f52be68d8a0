package io.dinoflow.ops;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.temporal.client.WorkflowClient;
import io.temporal.client.WorkflowClientOptions;
import io.temporal.serviceclient.WorkflowServiceStubs;
import io.temporal.serviceclient.WorkflowServiceStubsOptions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Open connections to the services of an {@link OpsConfig}, each made when it is first asked for,
 * so that a command that only reads PostgreSQL pays for nothing else. Whoever opens it closes it.
 */
public final class Services implements AutoCloseable {
  private static final int POOL_CONNECTIONS_MAX = 8;

  private final OpsConfig config;
  private final Deque<Runnable> closers = new ArrayDeque<>();
  private @Nullable HikariDataSource database;
  private @Nullable WorkflowClient workflows;

  private Services(OpsConfig config) {
    this.config = config;
  }

  public static Services open(OpsConfig config) {
    return new Services(config);
  }

  public OpsConfig config() {
    return config;
  }

  /** PostgreSQL; times out after 5 s rather than hang when it is down. */
  public synchronized DataSource database() {
    if (database == null) {
      HikariConfig pool = new HikariConfig();
      pool.setJdbcUrl(config.database().url());
      pool.setUsername(config.database().user());
      pool.setPassword(config.database().password());
      pool.setMaximumPoolSize(POOL_CONNECTIONS_MAX);
      pool.setMinimumIdle(1);
      pool.setConnectionTimeout(5_000);
      pool.setValidationTimeout(2_000);
      pool.setMaxLifetime(600_000);
      pool.setKeepaliveTime(60_000);
      pool.addDataSourceProperty("socketTimeout", "30");
      pool.addDataSourceProperty("connectTimeout", "5");
      pool.addDataSourceProperty("tcpKeepAlive", "true");
      HikariDataSource opened = new HikariDataSource(pool);
      closers.push(opened::close);
      database = opened;
    }
    return database;
  }

  /** Temporal. */
  public synchronized WorkflowClient workflows() {
    if (workflows == null) {
      WorkflowServiceStubs stubs =
          WorkflowServiceStubs.newServiceStubs(
              WorkflowServiceStubsOptions.newBuilder()
                  .setTarget(config.temporal().address())
                  .build());
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
                  .build());
    }
    return workflows;
  }

  @Override
  public synchronized void close() {
    while (!closers.isEmpty()) {
      closers.pop().run();
    }
  }
}
