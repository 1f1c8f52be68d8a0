package io.dinoflow.ops.embedded;

import io.dinoflow.model.kernel.Accelerators;
import io.dinoflow.model.kernel.NativeLibrary;
import io.dinoflow.ops.AccessToken;
import io.dinoflow.ops.ConfigProblemsException;
import io.dinoflow.ops.Home;
import io.dinoflow.ops.Listener;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.Services;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at what dinoflow needs, one finding a subject; changes nothing and starts nothing. */
public final class Checkup {
  private static final long DISK_FREE_BYTES_MIN = 5L << 30;
  private static final long MEMORY_BYTES_MIN = 4L << 30;
  private static final int CONNECT_MILLIS_MAX = 2_000;

  private final Home home;
  private final Map<String, String> environment;
  private final Programs programs;

  public Checkup(Home home, Map<String, String> environment) {
    this.home = home;
    this.environment = Map.copyOf(environment);
    this.programs = new Programs(environment);
  }

  /** How a finding is meant: BAD keeps dinoflow from working. */
  public enum Verdict {
    OK,
    NOTE,
    BAD
  }

  /** One thing looked at; {@code remedy} is empty where there is nothing to do. */
  public record Finding(String subject, Verdict verdict, String what, String remedy) {}

  /** The machine. */
  public List<Finding> machine() throws IOException {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        ok(
            "java",
            Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " cores"));
    findings.add(disk());
    findings.add(temporal());
    findings.addAll(nativeLibrary());
    findings.add(memory());
    findings.add(exposure());
    findings.add(
        programs.onPath("npm").isPresent()
            ? ok("npm", "there: the demo can take the emoji pictures")
            : new Finding(
                "npm", Verdict.NOTE, "not on PATH", "the demo takes the silhouettes instead"));
    return findings;
  }

  /** Services that run. */
  public static List<Finding> services(Services services) {
    OpsConfig config = services.config();
    List<Finding> findings = new ArrayList<>();
    findings.add(database(services));
    findings.add(socket("objects", config.objects().endpoint()));
    findings.add(socket("temporal", URI.create("tcp://" + config.temporal().address())));
    config.pageUrl().ifPresent(url -> findings.add(socket("page", URI.create(url))));
    return List.copyOf(findings);
  }

  private Finding disk() throws IOException {
    Path existing = home.folder();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    if (!Files.isWritable(existing)) {
      return new Finding(
          "home", Verdict.BAD, existing + " cannot be written", "choose another with --home");
    }
    long free = Files.getFileStore(existing).getUsableSpace();
    String what = "%s, %.1f GiB free".formatted(home, free / (double) (1L << 30));
    return free < DISK_FREE_BYTES_MIN
        ? new Finding("home", Verdict.NOTE, what, "the demo wants 5 GiB")
        : ok("home", what);
  }

  private Finding temporal() {
    if (!environment.getOrDefault(OpsConfig.TEMPORAL_ADDRESS, "").isBlank()) {
      return ok("temporal", "given at " + environment.get(OpsConfig.TEMPORAL_ADDRESS));
    }
    TemporalProgram program =
        new TemporalProgram(programs, TemporalProgram.PUBLISHER, ignored -> {});
    Optional<Path> found =
        programs
            .onPath("temporal")
            .or(() -> Optional.of(program.cached()).filter(Files::isExecutable));
    if (found.isPresent()) {
      return ok("temporal", "program " + found.get());
    }
    return new Finding(
        "temporal",
        Verdict.NOTE,
        "program not here yet",
        programs.onPath("go").isPresent()
            ? "`dinoflow up` fetches it, or builds it with Go in some minutes"
            : "`dinoflow up` fetches it; without network Temporal runs in memory");
  }

  /** What the machine has, where the system tells. */
  private static Finding memory() {
    long bytes =
        ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system
            ? system.getTotalMemorySize()
            : 0;
    String what = "%.1f GiB".formatted(bytes / (double) (1L << 30));
    return bytes < MEMORY_BYTES_MIN
        ? new Finding(
            "memory", Verdict.NOTE, what, "the demo wants 4 GiB: close something, or run `tiny`")
        : ok("memory", what);
  }

  /** Who may reach the page. */
  private Finding exposure() {
    try {
      Listener page = Listener.page(environment);
      return ok(
          "page access",
          "%s:%d, %s"
              .formatted(
                  page.host(),
                  page.port(),
                  page.token().isPresent() ? "with a token" : "open to this machine only"));
    } catch (ConfigProblemsException e) {
      return new Finding(
          "page access",
          Verdict.BAD,
          String.join("; ", e.problems()),
          "change %s, %s or %s"
              .formatted(Listener.PAGE_ADDRESS, AccessToken.VARIABLE, AccessToken.FILE_VARIABLE));
    }
  }

  /** What computes, and on which device {@code auto} would. */
  private List<Finding> nativeLibrary() {
    String resource = "pytorch.properties";
    if (Checkup.class.getClassLoader().getResource("native/lib/" + resource) == null) {
      return List.of(
          new Finding(
              "libtorch",
              Verdict.BAD,
              "no native libraries for this platform among the jars",
              "dinoflow runs on linux-x86_64, linux-aarch64, osx-aarch64 and win-x86_64"));
    }
    try {
      Accelerators here =
          new Accelerators(NativeLibrary.of(environment::get), Accelerators.cards(environment));
      return List.of(ok("libtorch", here.library().words()), device(here));
    } catch (IllegalStateException e) {
      return List.of(
          new Finding(
              "libtorch",
              Verdict.BAD,
              String.valueOf(e.getMessage()),
              "correct or unset " + NativeLibrary.FOLDER));
    }
  }

  private static Finding device(Accelerators here) {
    String auto = "`device: auto` is " + here.recorded("auto");
    if (here.cards().isEmpty()) {
      return ok("device", auto + "; no NVIDIA GPU is seen");
    }
    String seen = "%s; seen: %s".formatted(auto, String.join(", ", here.cards()));
    return here.usable()
        ? ok("device", seen)
        : new Finding(
            "device",
            Verdict.NOTE,
            seen,
            "for the GPU name a libtorch with CUDA by " + NativeLibrary.FOLDER);
  }

  private static Finding database(Services services) {
    try {
      return ok("postgres", services.database().serverVersion());
    } catch (RuntimeException e) {
      return new Finding(
          "postgres", Verdict.BAD, String.valueOf(e.getMessage()), "see logs/postgres.log");
    }
  }

  private static Finding socket(String name, URI address) {
    int port =
        address.getPort() > 0 ? address.getPort() : "https".equals(address.getScheme()) ? 443 : 80;
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address.getHost(), port), CONNECT_MILLIS_MAX);
      return ok(name, address.getHost() + ":" + port + " answers");
    } catch (IOException e) {
      return new Finding(
          name,
          Verdict.BAD,
          "%s:%d does not answer: %s".formatted(address.getHost(), port, e.getMessage()),
          "`dinoflow down`, then `dinoflow up`");
    }
  }

  private static Finding ok(String subject, String what) {
    return new Finding(subject, Verdict.OK, what, "");
  }
}
