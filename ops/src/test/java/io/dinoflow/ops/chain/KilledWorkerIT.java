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
  private static final String ID = "same";
  private static final RunId RUN = new RunId(ID);
  private static final int STEPS = 60;
  private static final int PERIOD = 10;

  @TempDir Path disturbed;
  @TempDir Path undisturbed;

  @Test
  void aRunWhoseTrainingWorkerIsKilledEndsWithTheStateOfAnUndisturbedTwin() throws Exception {
    Map<String, Sha256> expected;
    try (Installation twin = Installation.in(undisturbed)) {
      twin.run(ID, request());
      expected = finalStates(twin);
    }

    try (Installation killed = Installation.in(disturbed)) {
      killed.client().start(RUN, request(), "to be disturbed");
      ProcessId worker = killed.child("worker-train");
      await()
          .atMost(Duration.ofMinutes(2))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !pretraining(killed).isEmpty());
      killed.kill("worker-train");
      List<CheckpointRow> atTheKill = pretraining(killed);
      assertThat(atTheKill.get(atTheKill.size() - 1).ref().step())
          .as("it died before it was through")
          .isLessThan(STEPS);

      killed.client().result(RUN);

      assertThat(killed.child("worker-train")).isNotEqualTo(worker);
      List<CheckpointRow> made = pretraining(killed);
      assertThat(made).hasSize(STEPS / PERIOD).startsWith(atTheKill.toArray(CheckpointRow[]::new));
      assertThat(made.get(made.size() - 1).fence())
          .as("a second attempt took the track over")
          .isGreaterThan(made.get(0).fence());
      assertThat(finalStates(killed)).isEqualTo(expected);
    }
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

  private static List<CheckpointRow> pretraining(Installation installation) {
    return installation.services().lineage().checkpoints(RUN).stream()
        .filter(c -> c.ref().track().stage().equals("pretrain"))
        .map(KilledWorkerIT::withoutHead)
        .toList();
  }

  /** Which checkpoint is the head changes as the track goes on. */
  private static CheckpointRow withoutHead(CheckpointRow c) {
    return new CheckpointRow(
        c.ref(), c.state(), c.fence(), c.bytes(), c.parent(), false, c.pinned(), c.createdAt());
  }

  private static Map<String, Sha256> finalStates(Installation installation) {
    Map<String, Sha256> states = new TreeMap<>();
    installation.services().lineage().checkpoints(RUN).stream()
        .filter(CheckpointRow::head)
        .forEach(c -> states.put(c.ref().track().toString(), c.ref().stateDigest()));
    assertThat(states).hasSize(2);
    return states;
  }
}
