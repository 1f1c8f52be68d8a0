package io.dinoflow.ops.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SupervisedProcessTest {
  private static final Duration LONGEST = Duration.ofMinutes(2);

  /** However long a machine takes to tell that a child ended. */
  private static final Duration NEVER_HEALTHY = Duration.ofDays(1);

  @TempDir Path folder;
  private final List<String> events = new CopyOnWriteArrayList<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stopTimer() {
    timer.shutdownNow();
  }

  @Test
  void startsAgainWhatEndsByItselfAndBacksOff() throws Exception {
    SupervisedProcess process = process("echo started >> " + folder.resolve("starts") + "; exit 7");
    process.start();

    await()
        .atMost(LONGEST)
        .until(() -> Files.exists(starts()) && Files.readAllLines(starts()).size() >= 3);
    process.stop(Duration.ofSeconds(1));

    assertThat(events.get(0)).contains("ended with 7").contains("0.5 s");
    assertThat(events.get(1)).contains("1.0 s");
  }

  @Test
  void leavesStoppedWhatIsStopped() throws Exception {
    SupervisedProcess process = process("exec cat");
    process.start();
    ProcessId id = process.id().orElseThrow();

    process.stop(LONGEST);

    assertThat(id.alive()).isEmpty();
    assertThat(process.id()).isEmpty();
    assertThat(events).isEmpty();
  }

  @Test
  void killsWhatDoesNotListen() throws Exception {
    SupervisedProcess process =
        process(
            "trap '' TERM; echo up > "
                + folder.resolve("starts")
                + "; while :; do read x || :; done");
    process.start();
    await().atMost(LONGEST).until(() -> Files.exists(starts()));

    process.stop(Duration.ofMillis(200));

    assertThat(process.id()).isEmpty();
    assertThat(events).singleElement().asString().contains("killed");
  }

  @Test
  void aStrangerWithTheSameNumberIsNotOurs() {
    ProcessId self = ProcessId.of("self", ProcessHandle.current());

    assertThat(self.alive()).isPresent();
    assertThat(new ProcessId("self", self.pid(), self.startedAtMillis() - 60_000).alive())
        .isEmpty();
  }

  private Path starts() {
    return folder.resolve("starts");
  }

  private SupervisedProcess process(String script) {
    return new SupervisedProcess(
        new SupervisedProcess.Program(
            "child", List.of("/bin/sh", "-c", script), Map.of(), folder.resolve("log")),
        SupervisedProcess.Tether.STANDARD_INPUT,
        NEVER_HEALTHY,
        timer,
        events::add,
        () -> {});
  }
}
