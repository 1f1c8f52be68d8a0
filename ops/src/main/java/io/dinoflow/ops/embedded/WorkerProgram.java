package io.dinoflow.ops.embedded;

import io.dinoflow.ops.Listener;
import io.dinoflow.ops.Main;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.WorkerRole;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The worker processes: which there are, with how much memory, and how they find native code. */
public final class WorkerProgram {
  /** Where workers reach PostgreSQL, where a proxy stands between; a JDBC URL. */
  public static final String DB_URL = "DINOFLOW_WORKERS_DB_URL";

  /** Where workers reach the S3 server, where a proxy stands between. */
  public static final String S3_ENDPOINT = "DINOFLOW_WORKERS_S3_ENDPOINT";

  /** Where workers reach Temporal, where a proxy stands between. */
  public static final String TEMPORAL_ADDRESS = "DINOFLOW_WORKERS_TEMPORAL_ADDRESS";

  private static final Map<String, String> REACHED_BY =
      Map.of(
          DB_URL, OpsConfig.DB_URL,
          S3_ENDPOINT, OpsConfig.S3_ENDPOINT,
          TEMPORAL_ADDRESS, OpsConfig.TEMPORAL_ADDRESS);

  private WorkerProgram() {}

  /** The services as workers reach them: through the proxies that the environment names. */
  static OpsConfig reached(OpsConfig config, Map<String, String> environment) {
    Map<String, String> variables = new HashMap<>(config.toEnvironment());
    REACHED_BY.forEach(
        (name, replaced) -> {
          String proxy = environment.getOrDefault(name, "");
          if (!proxy.isBlank()) {
            variables.put(replaced, proxy);
          }
        });
    return OpsConfig.of(variables);
  }

  /** Options of a worker's JVM. */
  public static List<String> options(WorkerRole role) {
    List<String> options = new ArrayList<>();
    options.add("-Xmx" + role.heapMax());
    if (role == WorkerRole.TRAIN) {
      // tensors live outside of the Java heap: a small one, collected by one thread, leaves a
      // hundred megabytes more for them
      options.addAll(List.of("-Xms64m", "-XX:+UseSerialGC"));
    }
    options.add("-XX:+ExitOnOutOfMemoryError");
    options.add("-Dai.djl.offline=true");
    options.add("-DOPT_OUT_TRACKING=true");
    return List.copyOf(options);
  }

  /** Variables under which a process computes: of its memory and of threads that wait. */
  public static Map<String, String> arithmetic() {
    return Map.of(
        // fewer arenas keep the resident size near what is used, but compute threads that share
        // one wait for its lock twenty thousand times a second
        "MALLOC_ARENA_MAX", "8",
        // tensors on huge pages: fewer misses of the address cache, and memory that is used again
        // is not faulted in page by page
        "GLIBC_TUNABLES", "glibc.malloc.hugetlb=1",
        // compute threads that wait for each other sleep soon: where other work shares the cores,
        // spinning costs the thread they wait for its core
        "GOMP_SPINCOUNT", "20000",
        // on a GPU fp32 products and convolutions keep all their digits, as on the processor
        "NVIDIA_TF32_OVERRIDE", "0");
  }

  /**
   * @param metricsPort on loopback; 0 takes a free one
   */
  static SupervisedProcess.Program of(
      WorkerRole role, OpsConfig config, Programs programs, int metricsPort) {
    Map<String, String> variables = new HashMap<>(config.toEnvironment());
    variables.put("DJL_CACHE_DIR", programs.cache().resolve("djl").toString());
    variables.put("DJL_OFFLINE", "true");
    variables.put("OPT_OUT_TRACKING", "true");
    variables.put(Lifeline.VARIABLE, "stdin");
    variables.putAll(arithmetic());
    variables.put(Listener.METRICS_ADDRESS, "127.0.0.1:" + metricsPort);
    String name = "worker-" + role.word();
    Path logs = config.home().logs();
    List<String> options = new ArrayList<>(options(role));
    // what native code leaves behind when it crashes, else in the folder that somebody stood in
    options.add("-XX:ErrorFile=" + logs.resolve(name + "-crash-%p.log"));
    return new SupervisedProcess.Program(
        name,
        JavaProgram.command(
            Main.class.getName(), options, List.of("worker", "--role", role.word())),
        variables,
        logs.resolve(name + ".log"));
  }

  /**
   * Starts one more worker than the supervisor keeps, as a second machine would: nobody starts it
   * again. It ends when the caller does.
   */
  public static Process startAnother(
      WorkerRole role, OpsConfig config, Map<String, String> environment, Path log)
      throws IOException {
    SupervisedProcess.Program program =
        of(role, reached(config, environment), new Programs(environment), 0);
    ProcessBuilder builder =
        new ProcessBuilder(program.command())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    builder.environment().putAll(program.environment());
    return builder.start();
  }
}
