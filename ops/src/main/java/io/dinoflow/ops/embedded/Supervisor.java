package io.dinoflow.ops.embedded;

import io.dinoflow.ops.Home;
import io.dinoflow.ops.Listener;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Profile;
import io.dinoflow.ops.WorkerRole;
import io.dinoflow.ops.metrics.ProcessMetrics;
import io.dinoflow.ops.web.PageServer;
import io.dinoflow.ops.web.Watched;
import io.dinoflow.storage.object.S3ObjectStore;
import io.dinoflow.workflow.SearchAttributes;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * The process that owns what runs in a home: one a home (a lock file sees to it), started by {@link
 * Stack}, ended by SIGTERM. It starts the services side by side, then the workers and the page,
 * restarts what dies, and writes {@code state.json} at every change.
 *
 * <p>Its children end with it even after a kill -9 (see {@link Lifeline}); what still survives is
 * found by pid and start time at the next start and stopped first (see {@link Leftovers}).
 */
public final class Supervisor {
  /** Exit code when another supervisor owns the home. */
  static final int ALREADY_OWNED = 5;

  private static final String TEMPORAL = "temporal";
  private static final Duration WORKER_GRACE = Duration.ofSeconds(90);
  private static final Duration SERVER_GRACE = Duration.ofSeconds(15);
  private static final Duration OBJECTS_READY_MAX = Duration.ofSeconds(60);

  private final Home home;
  private final Map<String, String> environment;
  private final Profile profile;
  private final Programs programs;
  private final Journal journal;
  private final Credentials credentials;
  private final Ports ports;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "restarts");
            thread.setDaemon(true);
            return thread;
          });

  private final List<SupervisedProcess> servers = new ArrayList<>();
  private final List<SupervisedProcess> workers = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final Map<String, String> addresses = new HashMap<>();
  private final List<AutoCloseable> closeables = new ArrayList<>();
  private final Map<WorkerRole, Integer> metricsPorts = new EnumMap<>(WorkerRole.class);
  private @Nullable PostgresServer postgres;
  private @Nullable PageServer page;
  private StackState.Phase phase = StackState.Phase.STARTING;
  private String failure = "";

  private Supervisor(Home home, Map<String, String> environment, Journal journal) {
    this.home = home;
    this.environment = environment;
    // a name that is none is reported with the other problems of the configuration
    this.profile =
        Profile.ofWord(environment.getOrDefault(OpsConfig.PROFILE_VARIABLE, ""))
            .orElse(Profile.EMBEDDED);
    this.programs = new Programs(environment);
    this.journal = journal;
    this.credentials = new Credentials(home.folder());
    this.ports = new Ports(programs.cache().resolve("ports"), this::notice);
  }

  /** {@code Supervisor HOME}. */
  public static void main(String[] arguments) throws Exception {
    Home home = new Home(Path.of(arguments[0]));
    Files.createDirectories(home.logs());
    Files.createDirectories(home.scratch());
    try (FileChannel channel =
            FileChannel.open(
                home.folder().resolve("supervisor.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock == null) {
        System.err.println("another supervisor owns " + home);
        System.exit(ALREADY_OWNED);
      }
      try (Journal journal = Journal.open(home.logs().resolve("startup.log"))) {
        new Supervisor(home, System.getenv(), journal).superviseUntilTold();
      }
    }
  }

  private void superviseUntilTold() throws Exception {
    CountDownLatch told = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  told.countDown();
                  stopAll();
                  stopped.countDown();
                },
                "stop"));
    try {
      Leftovers.stop(home, journal::say);
      record();
      startAll();
    } catch (Exception e) {
      Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
      e.printStackTrace(System.err);
      synchronized (this) {
        failure = cause.getMessage() == null ? cause.toString() : cause.getMessage();
      }
      journal.say("failed: " + failure);
      System.exit(1);
    }
    told.await();
    stopped.await();
  }

  private void startAll() throws Exception {
    keepExternal(OpsConfig.PROFILE_VARIABLE);
    // before the first connection: what is measured earlier is lost
    ProcessMetrics metrics = ProcessMetrics.install("supervisor");
    synchronized (this) {
      closeables.add(metrics);
    }
    CompletableFuture<Void> database = inParallel("postgres", this::startDatabase);
    CompletableFuture<Void> objects = inParallel("objects", this::startObjects);
    CompletableFuture<Void> temporal = inParallel("temporal", this::startTemporal);
    CompletableFuture.allOf(database, objects, temporal).join();

    for (WorkerRole role : WorkerRole.values()) {
      metricsPorts.put(role, ports.any());
    }
    startPage(metrics);
    startWorkers(config());
    Provisions.schedules(config(), journal::say, this::notice);
    synchronized (this) {
      phase = StackState.Phase.READY;
    }
    record();
    journal.say("ready");
  }

  private CompletableFuture<Void> inParallel(String name, Callable<String> start) {
    return CompletableFuture.runAsync(
        () -> {
          long began = System.nanoTime();
          try {
            String what = start.call();
            journal.say(
                "%-9s %s  (%.1f s)".formatted(name, what, (System.nanoTime() - began) / 1e9));
          } catch (Exception e) {
            throw new StackFailedException(
                "%s cannot be started: %s".formatted(name, e.getMessage()), e);
          }
        },
        task -> {
          Thread thread = new Thread(task, "start-" + name);
          thread.setDaemon(true);
          thread.start();
        });
  }

  private String startDatabase() throws Exception {
    if (external(OpsConfig.DB_URL)) {
      keepExternal(OpsConfig.DB_URL, OpsConfig.DB_USER, OpsConfig.DB_PASSWORD);
      migrate();
      return address(OpsConfig.DB_URL) + " (given)";
    }
    int port = ports.free("PostgreSQL", 15432);
    PostgresServer server =
        new PostgresServer(
            home.postgres(),
            programs.cache().resolve("postgres"),
            home.logs().resolve("postgres.log"),
            port,
            journal::say,
            this::record);
    synchronized (this) {
      postgres = server;
    }
    server.start();
    put(OpsConfig.DB_URL, "jdbc:postgresql://127.0.0.1:" + port + "/postgres");
    put(OpsConfig.DB_USER, "postgres");
    migrate();
    return "127.0.0.1:" + port;
  }

  private void migrate() throws IOException {
    Provisions.tables(
        new OpsConfig.Database(
            address(OpsConfig.DB_URL),
            address(OpsConfig.DB_USER),
            credentials.read().getOrDefault(OpsConfig.DB_PASSWORD, "")),
        journal::say);
  }

  private String startObjects() throws Exception {
    if (external(OpsConfig.S3_ENDPOINT)) {
      keepExternal(
          OpsConfig.S3_ENDPOINT,
          OpsConfig.S3_BUCKET,
          OpsConfig.S3_ACCESS_KEY,
          OpsConfig.S3_SECRET_KEY);
      return address(OpsConfig.S3_ENDPOINT) + " (given)";
    }
    int port = ports.free("the object store", 19000);
    String accessKey = credentials.drawnOnce(OpsConfig.S3_ACCESS_KEY);
    String secretKey = credentials.drawnOnce(OpsConfig.S3_SECRET_KEY);
    Files.createDirectories(home.objects());
    ObjectProgram program =
        ObjectProgram.of(
            home, programs, new ObjectProgram.Access(port, ports.any(), accessKey, secretKey));
    SupervisedProcess server = supervised(program.program(), program.tether());
    synchronized (this) {
      servers.add(server);
    }
    server.start();
    if (!Wait.until(() -> Ports.answers(port), OBJECTS_READY_MAX)) {
      throw new IOException(
          "%s does not answer on port %d after %d s; see %s"
              .formatted(program.kind(), port, OBJECTS_READY_MAX.toSeconds(), home.logs()));
    }
    URI endpoint = URI.create("http://127.0.0.1:" + port);
    S3ObjectStore.connect(endpoint, OpsConfig.DEFAULT_BUCKET, accessKey, secretKey).close();
    put(OpsConfig.S3_ENDPOINT, endpoint.toString());
    put(OpsConfig.S3_BUCKET, OpsConfig.DEFAULT_BUCKET);
    return "http://127.0.0.1:%d (%s)".formatted(port, program.kind());
  }

  private String startTemporal() throws Exception {
    if (external(OpsConfig.TEMPORAL_ADDRESS)) {
      keepExternal(OpsConfig.TEMPORAL_ADDRESS, OpsConfig.TEMPORAL_NAMESPACE, OpsConfig.UI_URL);
      return address(OpsConfig.TEMPORAL_ADDRESS) + " (given)";
    }
    TemporalServer.Addresses where =
        new TemporalServer.Addresses(
            ports.free("Temporal", 7233),
            ports.free("Temporal's Web UI", 8233),
            ports.any(),
            ports.any());
    put(OpsConfig.TEMPORAL_ADDRESS, where.frontend());
    Optional<Path> program =
        new TemporalProgram(programs, TemporalProgram.PUBLISHER, journal::say).locate();
    if (program.isEmpty()) {
      InMemoryTemporal inMemory =
          InMemoryTemporal.start(where.frontendPort(), SearchAttributes.TYPES);
      synchronized (this) {
        closeables.add(inMemory);
      }
      notice(InMemoryTemporal.NOTICE);
      return where.frontend() + " (in memory)";
    }
    SupervisedProcess server =
        supervised(
            new SupervisedProcess.Program(
                TEMPORAL,
                TemporalServer.command(program.get(), home, where, SearchAttributes.TYPES),
                Map.of(),
                home.logs().resolve("temporal.log")),
            SupervisedProcess.Tether.GUARD);
    synchronized (this) {
      servers.add(server);
    }
    server.start();
    TemporalServer.awaitReady(where.frontend());
    put(OpsConfig.UI_URL, where.ui());
    return "%s, Web UI %s".formatted(where.frontend(), where.ui());
  }

  /** Training goes on without a page: whatever keeps it from starting is told, not thrown. */
  private void startPage(ProcessMetrics metrics) {
    long began = System.nanoTime();
    try {
      Listener where = Listener.page(environment);
      PageServer started =
          PageServer.start(
              where.at(ports.free("the page", where.port())), config(), watched(metrics));
      synchronized (this) {
        page = started;
      }
      put(OpsConfig.PAGE_URL, started.url());
      journal.say(
          "%-9s %s  (%.1f s)".formatted("page", started.url(), (System.nanoTime() - began) / 1e9));
    } catch (IOException | RuntimeException | LinkageError e) {
      e.printStackTrace(System.err);
      notice("the page could not be started (%s); everything else works".formatted(e));
    }
  }

  private Watched watched(ProcessMetrics metrics) {
    List<Watched.Target> targets = new ArrayList<>();
    metricsPorts.forEach(
        (role, port) ->
            targets.add(new Watched.Target("127.0.0.1:" + port, "worker-" + role.word())));
    return new Watched(metrics::text, targets);
  }

  private void startWorkers(OpsConfig config) throws IOException {
    OpsConfig reached = WorkerProgram.reached(config, environment);
    for (WorkerRole role : WorkerRole.values()) {
      SupervisedProcess worker =
          supervised(
              WorkerProgram.of(role, reached, programs, metricsPorts.getOrDefault(role, 0)),
              SupervisedProcess.Tether.STANDARD_INPUT);
      synchronized (this) {
        workers.add(worker);
      }
      worker.start();
    }
  }

  private SupervisedProcess supervised(
      SupervisedProcess.Program program, SupervisedProcess.Tether tether) {
    return new SupervisedProcess(
        program, tether, profile.healthyAfter(), timer, journal::say, this::record);
  }

  private OpsConfig config() throws IOException {
    Map<String, String> all = new HashMap<>();
    synchronized (this) {
      all.putAll(addresses);
    }
    all.putAll(credentials.read());
    all.put("DINOFLOW_HOME", home.toString());
    return OpsConfig.of(all);
  }

  private boolean external(String variable) {
    return !environment.getOrDefault(variable, "").isBlank();
  }

  /** Takes over what the environment names; secrets go to the file that only the owner reads. */
  private void keepExternal(String... variables) throws IOException {
    for (String variable : variables) {
      if (external(variable)) {
        if (variable.endsWith("_KEY") || variable.endsWith("PASSWORD")) {
          synchronized (credentials) {
            credentials.keep(Map.of(variable, environment.getOrDefault(variable, "")));
          }
        } else {
          put(variable, environment.getOrDefault(variable, ""));
        }
      }
    }
  }

  private synchronized void put(String variable, String value) {
    addresses.put(variable, value);
  }

  private synchronized String address(String variable) {
    return addresses.getOrDefault(variable, "");
  }

  private void notice(String text) {
    synchronized (this) {
      notices.add(text);
    }
    journal.say(text);
  }

  /** Writes state.json; called at every change of a child. */
  private synchronized void record() {
    List<ProcessId> children = new ArrayList<>();
    Optional.ofNullable(postgres).flatMap(PostgresServer::id).ifPresent(children::add);
    servers.forEach(server -> server.id().ifPresent(children::add));
    workers.forEach(worker -> worker.id().ifPresent(children::add));
    try {
      new StackState(
              ProcessId.of("supervisor", ProcessHandle.current()),
              phase,
              failure,
              children,
              addresses,
              notices)
          .write(home.state());
    } catch (IOException e) {
      journal.say("state.json cannot be written: " + e.getMessage());
    }
  }

  private void stopAll() {
    synchronized (this) {
      phase = failure.isEmpty() ? StackState.Phase.STOPPING : StackState.Phase.FAILED;
    }
    record();
    timer.shutdownNow();
    try {
      SupervisedProcess.stopTogether(workers, WORKER_GRACE);
      journal.say("workers   ended");
      closePage();
      SupervisedProcess.stopTogether(servers(TEMPORAL), SERVER_GRACE);
      for (AutoCloseable closeable : closeables) {
        closeable.close();
      }
      journal.say("temporal  ended");
      SupervisedProcess.stopTogether(servers, SERVER_GRACE);
      journal.say("objects   ended");
      if (postgres != null) {
        postgres.stop();
      }
      journal.say("postgres  ended");
      if (failure.isEmpty()) {
        Files.deleteIfExists(home.state());
      }
    } catch (Exception e) {
      System.err.println("not everything could be stopped: " + e);
    }
  }

  private List<SupervisedProcess> servers(String name) {
    return servers.stream().filter(server -> server.name().equals(name)).toList();
  }

  private void closePage() {
    try {
      if (page != null) {
        page.close();
      }
    } catch (RuntimeException e) {
      System.err.println("the page could not be closed: " + e);
    }
  }
}
