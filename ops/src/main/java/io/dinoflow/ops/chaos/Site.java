package io.dinoflow.ops.chaos;

import io.dinoflow.ops.Home;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Profile;
import io.dinoflow.ops.Services;
import io.dinoflow.ops.embedded.ProcessId;
import io.dinoflow.ops.embedded.Stack;
import io.dinoflow.ops.embedded.StackState;
import io.dinoflow.ops.embedded.WorkerProgram;
import io.dinoflow.ops.run.RunClient;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An installation of its own, with proxies between its workers and everything they speak to. We
 * ourselves look at it past the proxies. Closing it stops everything.
 */
final class Site implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Site.class);

  /** Nothing outside of the folder may be reached. */
  private static final Set<String> NAMES_OTHERS =
      Set.of(
          OpsConfig.DB_URL,
          OpsConfig.DB_USER,
          OpsConfig.DB_PASSWORD,
          OpsConfig.S3_ENDPOINT,
          OpsConfig.S3_BUCKET,
          OpsConfig.S3_ACCESS_KEY,
          OpsConfig.S3_SECRET_KEY,
          OpsConfig.TEMPORAL_ADDRESS,
          OpsConfig.TEMPORAL_NAMESPACE);

  private final Home home;
  private final Map<String, String> environment;
  private final Stack stack;
  private final TcpProxy database;
  private final TcpProxy temporal;
  private final HttpProxy objects;
  private final Thread lastResort = new Thread(this::closeAtExit, "stop-site");
  private @Nullable Services services;
  private boolean closed;

  private Site(Home home, Map<String, String> outer) throws IOException {
    this.home = home;
    this.database = new TcpProxy("database", () -> address(OpsConfig.DB_URL));
    this.temporal = new TcpProxy("temporal", () -> address(OpsConfig.TEMPORAL_ADDRESS));
    this.objects = new HttpProxy("objects", () -> address(OpsConfig.S3_ENDPOINT));
    Map<String, String> variables = new HashMap<>(outer);
    variables.keySet().removeAll(NAMES_OTHERS);
    variables.put(OpsConfig.PROFILE_VARIABLE, Profile.TEST.word());
    variables.put(
        WorkerProgram.DB_URL, "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(database.port()));
    variables.put(WorkerProgram.S3_ENDPOINT, "http://127.0.0.1:" + objects.port());
    variables.put(WorkerProgram.TEMPORAL_ADDRESS, "127.0.0.1:" + temporal.port());
    this.environment = Map.copyOf(variables);
    this.stack = Stack.of(home, environment);
  }

  /** Starts an installation in a folder. */
  static Site start(Path folder, Map<String, String> environment, Consumer<String> progress)
      throws IOException, InterruptedException {
    Site site = new Site(new Home(folder), environment);
    Runtime.getRuntime().addShutdownHook(site.lastResort);
    site.database.start();
    site.temporal.start();
    site.objects.start();
    try {
      site.up(progress);
      if (site.process("temporal").isEmpty()) {
        throw new IllegalStateException(
            "this needs the Temporal program, because the server in memory keeps nothing over a kill;"
                + " `dinoflow doctor` says how to get it");
      }
      return site;
    } catch (IOException | InterruptedException | RuntimeException e) {
      site.close();
      throw e;
    }
  }

  /** Starts what does not run. */
  void up(Consumer<String> progress) throws IOException, InterruptedException {
    stack.ensureUp(progress);
  }

  Home home() {
    return home;
  }

  Map<String, String> environment() {
    return environment;
  }

  TcpProxy database() {
    return database;
  }

  TcpProxy temporal() {
    return temporal;
  }

  HttpProxy objects() {
    return objects;
  }

  /** Where the services are, as the supervisor last wrote it. */
  Optional<OpsConfig> config() {
    return stack.running();
  }

  /** Connections past the proxies; opened anew after the services moved to other ports. */
  synchronized Services services() {
    Optional<OpsConfig> now = stack.running();
    if (services != null && (now.isEmpty() || now.get().equals(services.config()))) {
      return services;
    }
    if (services != null) {
      services.close();
    }
    services =
        Services.open(now.orElseThrow(() -> new IllegalStateException("nothing runs in " + home)));
    return services;
  }

  RunClient runs() {
    return new RunClient(services().workflows());
  }

  Optional<StackState> state() {
    return stack.livingState();
  }

  /** One of the processes that the supervisor keeps, while it lives. */
  Optional<ProcessHandle> process(String name) {
    return stack.livingState().stream()
        .flatMap(state -> state.children().stream())
        .filter(child -> child.name().equals(name))
        .findFirst()
        .flatMap(ProcessId::alive);
  }

  private Optional<InetSocketAddress> address(String variable) {
    return stack
        .livingState()
        .map(state -> state.environment().getOrDefault(variable, ""))
        .filter(text -> !text.isEmpty())
        .map(text -> text.replaceFirst("^jdbc:", ""))
        .map(text -> URI.create(text.contains("://") ? text : "tcp://" + text))
        .map(uri -> new InetSocketAddress(uri.getHost(), uri.getPort()));
  }

  /** Interrupted or told to end, we leave nothing running. */
  private void closeAtExit() {
    try {
      stop();
    } catch (IOException | InterruptedException e) {
      LOG.error("{} may still run: `dinoflow down --home {}`", home, home, e);
    }
  }

  @Override
  public void close() throws IOException, InterruptedException {
    stop();
    try {
      Runtime.getRuntime().removeShutdownHook(lastResort);
    } catch (IllegalStateException exiting) {
      LOG.debug("stopped while the process ends", exiting);
    }
  }

  private synchronized void stop() throws IOException, InterruptedException {
    if (closed) {
      return;
    }
    closed = true;
    database.heal();
    temporal.heal();
    objects.heal();
    objects.forget();
    try {
      if (services != null) {
        services.close();
      }
      stack.down(line -> {});
    } finally {
      database.close();
      temporal.close();
      objects.close();
    }
  }
}
