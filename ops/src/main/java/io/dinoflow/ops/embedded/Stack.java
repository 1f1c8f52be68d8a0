package io.dinoflow.ops.embedded;

import io.dinoflow.ops.Home;
import io.dinoflow.ops.Listener;
import io.dinoflow.ops.OpsConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The services of one home, as a command sees them: start or attach, look, stop.
 *
 * <p>Where the environment names a database, an S3 server and Temporal, nothing embedded is needed
 * and nothing is started (production). Else one supervisor a home owns what runs; it is started in
 * a session of its own, with its output in files, so that neither Ctrl-C nor a closed pipe of the
 * command that started it reaches it.
 */
public final class Stack {
  private static final Duration STOP_MAX = Duration.ofMinutes(3);
  private static final Duration NEWS_MAX = Duration.ofMillis(250);
  private static final int LOG_TAIL_LINES = 5;

  private final Home home;
  private final Map<String, String> environment;

  private Stack(Home home, Map<String, String> environment) {
    this.home = home;
    this.environment = Map.copyOf(environment);
  }

  public static Stack of(Home home, Map<String, String> environment) {
    return new Stack(home, environment);
  }

  /** Returns where the services are, starting what does not run; says what it does. */
  public OpsConfig ensureUp(Consumer<String> progress) throws IOException, InterruptedException {
    Optional<OpsConfig> attached = running();
    if (attached.isPresent()) {
      return attached.get();
    }
    // a page that must not be served is a reason to start nothing, and so are workers that cannot
    // compute
    Listener.page(environment);
    NativeCode.check(environment);
    awaitEndOfStopping(progress);
    Files.createDirectories(home.logs());
    long began = System.nanoTime();
    progress.accept("starting the services of " + home);
    boolean othersStart = livingState().isPresent();
    if (!othersStart) {
      Files.deleteIfExists(startupLog());
    }
    Optional<Process> launched = othersStart ? Optional.empty() : Optional.of(launch());
    News news = new News(startupLog(), progress);
    while (true) {
      Wait.until(() -> running().isPresent(), NEWS_MAX);
      news.tell();
      Optional<OpsConfig> up = running();
      if (up.isPresent()) {
        progress.accept("services ready in %.1f s".formatted(secondsSince(began)));
        return up.get();
      }
      boolean ourOwnEnded = launched.isEmpty() || !launched.get().isAlive();
      if (ourOwnEnded && livingState().isEmpty()) {
        news.tell();
        throw failed();
      }
    }
  }

  /** Where the services are, if they run. */
  public Optional<OpsConfig> running() {
    if (allExternal()) {
      return Optional.of(OpsConfig.of(withHome(environment)));
    }
    return livingState()
        .filter(state -> state.phase() == StackState.Phase.READY)
        .map(state -> OpsConfig.of(withHome(withSecrets(state.environment()))));
  }

  /** What the supervisor last wrote, if it lives. */
  public Optional<StackState> livingState() {
    try {
      return StackState.read(home.state()).filter(state -> state.supervisor().alive().isPresent());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** True where the environment names every service, so that nothing is ours to start or stop. */
  public boolean allExternal() {
    return List.of(OpsConfig.DB_URL, OpsConfig.S3_ENDPOINT, OpsConfig.TEMPORAL_ADDRESS).stream()
        .allMatch(name -> !environment.getOrDefault(name, "").isBlank());
  }

  /** Stops everything, workers first; returns when nothing is left. */
  public void down(Consumer<String> progress) throws IOException, InterruptedException {
    if (allExternal()) {
      progress.accept("the services are named by the environment: nothing here to stop");
      return;
    }
    Optional<StackState> state = livingState();
    if (state.isEmpty()) {
      int stopped = Leftovers.stop(home, progress);
      progress.accept(
          stopped == 0 ? "nothing runs in " + home : "stopped %d leftovers".formatted(stopped));
      return;
    }
    long began = System.nanoTime();
    progress.accept("stopping: workers, then Temporal, the object store, PostgreSQL");
    Optional<ProcessHandle> supervisor = state.get().supervisor().alive();
    supervisor.ifPresent(ProcessHandle::destroy);
    if (supervisor.isPresent() && !Wait.until(() -> !supervisor.get().isAlive(), STOP_MAX)) {
      progress.accept("the supervisor did not end in time: killed");
      supervisor.get().destroyForcibly();
      Wait.until(() -> !supervisor.get().isAlive(), STOP_MAX);
    }
    Leftovers.stop(home, progress);
    progress.accept("stopped in %.1f s".formatted(secondsSince(began)));
  }

  private void awaitEndOfStopping(Consumer<String> progress) throws InterruptedException {
    if (livingState().filter(s -> s.phase() == StackState.Phase.STOPPING).isPresent()) {
      progress.accept("the services of this home are being stopped; waiting");
      Wait.until(() -> livingState().isEmpty(), STOP_MAX);
    }
  }

  private Process launch() throws IOException {
    List<String> java =
        JavaProgram.command(
            Supervisor.class.getName(),
            List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            List.of(home.toString()));
    List<String> command = new ArrayList<>(ownSession());
    command.addAll(java);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(nothing()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(supervisorLog().toFile()));
    builder.environment().putAll(environment);
    builder.environment().put("DINOFLOW_HOME", home.toString());
    builder.environment().put("MALLOC_ARENA_MAX", "2");
    return builder.start();
  }

  /** Where there is no setsid, at least the terminal's signals are ignored. */
  private List<String> ownSession() {
    return new Programs(environment)
        .onPath("setsid")
        .map(setsid -> List.of(setsid.toString()))
        .orElse(
            Files.isExecutable(Path.of("/bin/sh"))
                ? List.of("/bin/sh", "-c", "trap '' INT HUP; exec \"$@\"", "sh")
                : List.of());
  }

  private static java.io.File nothing() {
    return new java.io.File(
        System.getProperty("os.name").startsWith("Windows") ? "NUL" : "/dev/null");
  }

  private StackFailedException failed() throws IOException {
    Optional<StackState> last = StackState.read(home.state());
    if (last.isPresent() && last.get().phase() == StackState.Phase.FAILED) {
      return new StackFailedException(last.get().failure());
    }
    List<String> lines =
        Files.exists(supervisorLog())
            ? Files.readAllLines(supervisorLog(), StandardCharsets.UTF_8)
            : List.of();
    return new StackFailedException(
        "the supervisor ended before the services were ready; the end of %s: %s"
            .formatted(
                supervisorLog(),
                String.join(
                    " | ",
                    lines.subList(Math.max(0, lines.size() - LOG_TAIL_LINES), lines.size()))));
  }

  private Map<String, String> withSecrets(Map<String, String> addresses) {
    try {
      Map<String, String> all = new HashMap<>(addresses);
      all.putAll(new Credentials(home.folder()).read());
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Map<String, String> withHome(Map<String, String> variables) {
    Map<String, String> all = new HashMap<>(variables);
    all.put("DINOFLOW_HOME", home.toString());
    return all;
  }

  private Path startupLog() {
    return home.logs().resolve("startup.log");
  }

  private Path supervisorLog() {
    return home.logs().resolve("supervisor.log");
  }

  private static double secondsSince(long beganNanos) {
    return (System.nanoTime() - beganNanos) / 1e9;
  }

  /** Tells the new lines of a growing file. */
  private static final class News {
    private final Path file;
    private final Consumer<String> listener;
    private int told;

    News(Path file, Consumer<String> listener) {
      this.file = file;
      this.listener = listener;
    }

    void tell() throws IOException {
      if (Files.exists(file)) {
        String text = Files.readString(file, StandardCharsets.UTF_8);
        int end = text.lastIndexOf('\n') + 1;
        if (end > told) {
          text.substring(told, end).lines().forEach(listener);
          told = end;
        }
      }
    }
  }
}
