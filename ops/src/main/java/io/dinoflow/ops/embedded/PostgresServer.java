package io.dinoflow.ops.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL on a data folder of the home, durable (fsync on), loopback only. When its postmaster
 * dies it is started again on the same port, as often as it takes; committed rows are there.
 */
final class PostgresServer {
  static final String NAME = "postgres";
  private static final Duration START_MAX = Duration.ofSeconds(60);
  private static final Duration STOP_MAX = Duration.ofSeconds(20);

  /** The kernel counts when a process began from the machine's start, the pid file by the clock. */
  private static final long CLOCK_SECONDS = 5;

  private final Path data;
  private final Path binaries;
  private final Path log;
  private final int port;
  private final Consumer<String> events;
  private final Runnable changed;
  private Optional<Path> program = Optional.empty();
  private @Nullable Process guard;
  private boolean stopping;

  PostgresServer(
      Path data, Path binaries, Path log, int port, Consumer<String> events, Runnable changed) {
    this.data = data;
    this.binaries = binaries;
    this.log = log;
    this.port = port;
    this.events = events;
    this.changed = changed;
  }

  synchronized void start() throws IOException {
    Files.createDirectories(binaries);
    Files.createDirectories(log.getParent());
    EmbeddedPostgres.builder()
        .setDataDirectory(data)
        .setOverrideWorkingDirectory(binaries.toFile())
        .setCleanDataDirectory(false)
        .setRegisterShutdownHook(false)
        .setPort(port)
        .setServerConfig("fsync", "on")
        .setServerConfig("synchronous_commit", "on")
        .setServerConfig("full_page_writes", "on")
        .setServerConfig("max_connections", "100")
        .setServerConfig("listen_addresses", "127.0.0.1")
        .setServerConfig("unix_socket_directories", "")
        .setOutputRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .setErrorRedirector(ProcessBuilder.Redirect.appendTo(log.toFile()))
        .setPGStartupWait(START_MAX)
        .start();
    ProcessHandle postmaster = watched();
    program = postmaster.info().command().map(Path::of);
    changed.run();
  }

  private ProcessHandle watched() throws IOException {
    ProcessHandle postmaster =
        postmaster(data)
            .orElseThrow(
                () ->
                    new IOException(
                        "port %d answers, but no PostgreSQL on %s (see %s): another server took the port meanwhile? Try again"
                            .formatted(port, data, log)));
    guard = Lifeline.guard(postmaster.pid(), "INT");
    // on a thread of its own: starting again may take long, and other ends are told on this one
    postmaster.onExit().thenRun(() -> new Thread(this::ended, "restart-postgres").start());
    return postmaster;
  }

  Optional<ProcessId> id() {
    return postmaster(data).map(handle -> ProcessId.of(NAME, handle));
  }

  /** Disconnects everyone, writes everything, ends. */
  void stop() throws InterruptedException, IOException {
    synchronized (this) {
      stopping = true;
    }
    stopLeftover(data);
    synchronized (this) {
      if (guard != null) {
        guard.destroyForcibly();
      }
    }
  }

  /** Stops a postmaster that still runs on a data folder, whoever started it. */
  static boolean stopLeftover(Path data) throws InterruptedException, IOException {
    Optional<ProcessHandle> postmaster = postmaster(data);
    if (postmaster.isEmpty()) {
      return false;
    }
    // SIGINT is PostgreSQL's fast shutdown; SIGTERM would wait for its clients
    signal(postmaster.get().pid(), "INT");
    if (!Wait.until(() -> !postmaster.get().isAlive(), STOP_MAX)) {
      signal(postmaster.get().pid(), "QUIT");
      Wait.until(() -> !postmaster.get().isAlive(), STOP_MAX);
    }
    return true;
  }

  /**
   * The living postmaster of a data folder. It wrote the time into its pid file when it had got so
   * far, however long that took; whoever has its number now and began later is a stranger.
   */
  private static Optional<ProcessHandle> postmaster(Path data) {
    Path file = data.resolve("postmaster.pid");
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      List<String> lines = Files.readAllLines(file);
      if (lines.size() < 3) {
        return Optional.empty();
      }
      long startedSeconds = Long.parseLong(lines.get(2).trim());
      return ProcessHandle.of(Long.parseLong(lines.get(0).trim()))
          .filter(ProcessHandle::isAlive)
          .filter(
              handle ->
                  handle
                      .info()
                      .startInstant()
                      .map(began -> began.getEpochSecond() <= startedSeconds + CLOCK_SECONDS)
                      .orElse(false));
    } catch (IOException | NumberFormatException e) {
      throw new IllegalStateException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static void signal(long pid, String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, String.valueOf(pid))
        .inheritIO()
        .start()
        .waitFor(5, TimeUnit.SECONDS);
  }

  private void ended() {
    synchronized (this) {
      if (guard != null) {
        guard.destroyForcibly();
      }
      if (stopping) {
        return;
      }
    }
    events.accept("postgres ended (see " + log + "): starts again");
    Duration pause = SupervisedProcess.BACK_OFF_MIN;
    while (!startedAgain(pause)) {
      LockSupport.parkNanos(pause.toNanos());
      Duration twice = pause.multipliedBy(2);
      pause =
          twice.compareTo(SupervisedProcess.BACK_OFF_MAX) < 0
              ? twice
              : SupervisedProcess.BACK_OFF_MAX;
    }
  }

  /**
   * By PostgreSQL's own program, which finds the options in the data folder and copes with what a
   * kill left there. The library that started it first cannot start it twice: it holds a lock on
   * the folder as long as this process lives, most of all after a start that failed.
   */
  private void startWithTheSameOptions() throws IOException, InterruptedException {
    Path control =
        program
            .map(postgres -> postgres.resolveSibling("pg_ctl"))
            .orElseThrow(() -> new IOException("where PostgreSQL's programs are is not known"));
    List<String> command = new ArrayList<>(asNobodySpecial());
    command.addAll(List.of(control.toString(), "-D", data.toString(), "-l", log.toString()));
    command.addAll(List.of("-w", "-t", String.valueOf(START_MAX.toSeconds()), "restart"));
    Process started =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
            .start();
    int code = started.waitFor();
    if (code != 0) {
      throw new IOException("pg_ctl ended with %d, see %s".formatted(code, log));
    }
    watched();
    changed.run();
  }

  /** PostgreSQL refuses to run as root; in a user namespace of its own nobody is root. */
  private static List<String> asNobodySpecial() {
    boolean root = ProcessHandle.current().info().user().filter("root"::equals).isPresent();
    return root ? List.of("unshare", "-U") : List.of();
  }

  /** True also where it is to stay stopped. */
  private synchronized boolean startedAgain(Duration pause) {
    if (stopping) {
      return true;
    }
    try {
      startWithTheSameOptions();
      return true;
    } catch (IOException | InterruptedException | RuntimeException e) {
      events.accept(
          "postgres cannot be started again: %s; next try in %.1f s"
              .formatted(e.getMessage(), pause.toMillis() / 1_000.0));
      return false;
    }
  }
}
