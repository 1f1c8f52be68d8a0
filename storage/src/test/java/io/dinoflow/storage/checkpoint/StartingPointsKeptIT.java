package io.dinoflow.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.object.InMemoryObjectStore;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.storage.testing.TestServers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No policy lets go of what another run begins with, or is going to begin with. */
class StartingPointsKeptIT {
  private static final Environment ENVIRONMENT =
      new Environment("PyTorch 2.7.1", "kernels", 2, "cpu", "avx2", "0.1.0");
  private static final CheckpointPolicy ONLY_THE_LAST = new CheckpointPolicy(10, 0, 1, 0, true);
  private static Database database;
  private static int runs;

  @TempDir Path folder;
  private CheckpointStore store;
  private LineageStore lineage;
  private TrackId track;
  private List<CheckpointRef> chain;

  @BeforeAll
  static void server() {
    database = TestServers.database();
  }

  @AfterAll
  static void close() {
    database.close();
  }

  @BeforeEach
  void threeCheckpoints() {
    store = new CheckpointStore(database, new InMemoryObjectStore());
    lineage = new LineageStore(database);
    track = TrackId.of(open("{}"), "pretrain");
    chain = new ArrayList<>();
    Claim claim = store.claim(track, "owner");
    for (int step = 10; step <= 30; step += 10) {
      CheckpointRef made = store.commit(claim, draft(track, step, List.of()));
      claim = claim.after(made);
      chain.add(made);
    }
  }

  @Test
  void keepsWhatAnotherTrackBeganWith() {
    TrackId began = TrackId.of(open("{}"), "pretrain");
    store.commit(
        store.claim(began, "owner"),
        draft(began, 10, List.of(EdgeDraft.of(EdgeKind.INITIALISED_FROM, chain.get(0).id()))));

    assertThat(new Retention(database).expire(track, ONLY_THE_LAST)).containsExactly(chain.get(1));
  }

  @Test
  void keepsWhatAnOpenRunIsGoingToBeginWith() {
    RunId run =
        open(
            "{\"stages\":[{\"start\":{\"kind\":\"from_checkpoint\",\"checkpoint\":\"%s\"}}]}"
                .formatted(chain.get(0).id().hex()));

    assertThat(new Retention(database).expire(track, ONLY_THE_LAST)).containsExactly(chain.get(1));

    lineage.closeRun(run, RunState.CANCELLED, "it never began");
    assertThat(new Retention(database).expire(track, ONLY_THE_LAST)).containsExactly(chain.get(0));
  }

  private RunId open(String recipe) {
    RunId run = new RunId("kept-" + runs++);
    lineage.openRun(run, "demo", Sha256.ofText(recipe), recipe);
    return run;
  }

  private CheckpointDraft draft(TrackId of, long step, List<EdgeDraft> edges) {
    return new CheckpointDraft(
        step,
        List.of(Blobs.text(folder, "teacher.safetensors", "teacher " + of + " " + step)),
        edges,
        List.of(),
        ENVIRONMENT);
  }
}
