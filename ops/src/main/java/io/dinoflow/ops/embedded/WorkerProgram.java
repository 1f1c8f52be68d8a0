package io.dinoflow.ops.embedded;

import io.dinoflow.ops.Main;
import io.dinoflow.ops.OpsConfig;
import io.dinoflow.ops.WorkerRole;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The worker processes: which there are, with how much memory, and how they find native code. */
final class WorkerProgram {
  private WorkerProgram() {}

  static SupervisedProcess.Program of(WorkerRole role, OpsConfig config, Programs programs) {
    Map<String, String> variables = new HashMap<>(config.toEnvironment());
    variables.put("DJL_CACHE_DIR", programs.cache().resolve("djl").toString());
    variables.put("DJL_OFFLINE", "true");
    variables.put("OPT_OUT_TRACKING", "true");
    variables.put(Lifeline.VARIABLE, "stdin");
    // fewer arenas keep the resident size near what is used, but compute threads that share one
    // wait for
    // its lock twenty thousand times a second
    variables.put("MALLOC_ARENA_MAX", "8");
    // compute threads that wait for each other sleep soon: where other work shares the cores,
    // spinning costs the thread they wait for its core
    variables.put("GOMP_SPINCOUNT", "20000");
    return new SupervisedProcess.Program(
        "worker-" + role.word(),
        JavaProgram.command(
            Main.class.getName(),
            List.of(
                "-Xmx" + role.heapMax(),
                "-XX:+ExitOnOutOfMemoryError",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true"),
            List.of("worker", "--role", role.word())),
        variables,
        config.home().logs().resolve("worker-" + role.word() + ".log"));
  }
}
