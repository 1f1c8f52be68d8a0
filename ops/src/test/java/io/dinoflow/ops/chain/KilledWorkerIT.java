package io.dinoflow.ops.chain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.embedded.ProcessId;
import io.dinoflow.ops.testing.Installation;
import io.dinoflow.ops.testing.TinyRecipe;
import io.dinoflow.storage.lineage.CheckpointRow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fault 1 of the matrix: a training worker dies by kill -9 in the middle of its steps. */
class KilledWorkerIT {
  private static final RunId TWIN = new RunId("undisturbed");
  private static final int KILLS_MAX = 5;
  private static final int STEPS = 60;
  private static final int PERIOD = 10;

  @TempDir Path disturbed;
  @TempDir Path undisturbed;

  @Test
  void aRunWhoseTrainingWorkerIsKilledEndsWithTheStateOfAnUndisturbedTwin() throws Exception {
    Map<String, Sha256> expected;
    try (Installation twin = Installation.in(undisturbed)) {
      twin.run(TWIN.value(), request());
      expected = finalStates(twin, TWIN);
    }

    try (Installation killed = Installation.in(disturbed)) {
      Kill kill = killedInTraining(killed);

      killed.client().result(kill.run());

      assertThat(killed.child("worker-train")).isNotEqualTo(kill.worker());
      List<CheckpointRow> made = pretraining(killed, kill.run());
      assertThat(made)
          .hasSize(STEPS / PERIOD)
          .startsWith(kill.committed().toArray(CheckpointRow[]::new));
      assertThat(made.get(made.size() - 1).fence())
          .as("a second attempt took the track over")
          .isGreaterThan(made.get(0).fence());
      assertThat(finalStates(killed, kill.run())).isEqualTo(expected);
    }
  }

  /** What was committed when the worker died. */
  private record Kill(RunId run, ProcessId worker, List<CheckpointRow> committed) {}

  /** A worker that was through when it was killed proves nothing: then with another run. */
  private static Kill killedInTraining(Installation installation) {
    for (int i = 0; i < KILLS_MAX; i++) {
      RunId run = new RunId("disturbed-" + i);
      installation.client().start(run, request(), "to be disturbed");
      ProcessId worker = installation.child("worker-train");
      await()
          .atMost(Duration.ofMinutes(10))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !pretraining(installation, run).isEmpty());
      installation.kill("worker-train");
      List<CheckpointRow> committed = pretraining(installation, run);
      if (committed.get(committed.size() - 1).ref().step() + PERIOD < STEPS) {
        return new Kill(run, worker, committed);
      }
      installation.client().result(run);
    }
    throw new AssertionError(KILLS_MAX + " runs were through before their worker was killed");
  }

  private static JsonNode request() {
    return TinyRecipe.whole()
        .stages("curate", "pretrain", "gram")
        .with("pretrain", "steps", STEPS)
        .with("pretrain", "checkpointing.period", PERIOD)
        .with("pretrain", "checkpointing.probe_steps", PERIOD)
        .with("pretrain", "checkpointing.max_to_keep", 100)
        .withoutReuse()
        .request();
  }

  private static List<CheckpointRow> pretraining(Installation installation, RunId run) {
    return installation.services().lineage().checkpoints(run).stream()
        .filter(c -> c.ref().track().stage().equals("pretrain"))
        .map(KilledWorkerIT::withoutHead)
        .toList();
  }

  /** Which checkpoint is the head changes as the track goes on. */
  private static CheckpointRow withoutHead(CheckpointRow c) {
    return new CheckpointRow(
        c.ref(), c.state(), c.fence(), c.bytes(), c.parent(), false, c.pinned(), c.createdAt());
  }

  private static Map<String, Sha256> finalStates(Installation installation, RunId run) {
    Map<String, Sha256> states = new TreeMap<>();
    installation.services().lineage().checkpoints(run).stream()
        .filter(CheckpointRow::head)
        .forEach(c -> states.put(c.ref().track().stage(), c.ref().stateDigest()));
    assertThat(states).hasSize(2);
    return states;
  }
}
