package io.dinoflow.activity.support;

import io.dinoflow.activity.testing.Attempt;
import io.dinoflow.activity.testing.Bench;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.workflow.activity.SegmentResult;
import io.temporal.client.ActivityCanceledException;
import io.temporal.client.ActivityWorkerShutdownException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Segments of a chain of digests on real stores, for the tests of one thought each. */
abstract class SegmentTrial {
  static final PipelineRecipe RECIPE = Chain.recipe();
  static final CheckpointPolicy POLICY = new CheckpointPolicy(4, 6, 0, 0, true);

  /** Never of itself. */
  static final CheckpointPolicy NEVER = new CheckpointPolicy(1L << 40, 0, 0, 0, true);

  static final long FAR = 1L << 40;

  @TempDir static Path folder;
  static Bench bench;
  static DatasetRef dataset;

  final ChainTrainer.Watch watch = new ChainTrainer.Watch();
  final Attempt attempt = new Attempt();
  RunId run = new RunId("none");
  int profileSteps;
  TrackId track = TrackId.of(run, "pretrain");

  @BeforeAll
  static void servers() throws IOException {
    bench = Bench.in(folder);
    dataset = bench.dataset("given", List.of(Bench.sample("a"), Bench.sample("b")));
  }

  @AfterAll
  static void close() {
    bench.close();
  }

  @BeforeEach
  void openRun() {
    run = bench.open(RECIPE);
    track = TrackId.of(run, "pretrain");
  }

  static Stream<RuntimeException> polite() {
    return Stream.of(new ActivityCanceledException(), new ActivityWorkerShutdownException());
  }

  SegmentResult train(long from, long until) throws IOException {
    return run(segment(POLICY, from, until));
  }

  SegmentResult run(Segment segment) throws IOException {
    return new SegmentRunner(bench.workbench()).run(segment, attempt);
  }

  Segment segment(CheckpointPolicy policy, long from, long until) {
    return segment(Map.of("", track), "pretrain", "", policy, from, until, Optional.empty());
  }

  Segment segment(
      Map<String, TrackId> tracks,
      String stage,
      String group,
      CheckpointPolicy policy,
      long from,
      long until,
      Optional<CheckpointRef> origin) {
    return new Segment(
        run,
        RECIPE,
        stage,
        group,
        tracks,
        0,
        from,
        until,
        30,
        policy,
        origin.map(
            o ->
                new Segment.Origin(
                    o,
                    EdgeKind.INITIALISED_FROM,
                    part -> part.endsWith(".safetensors"),
                    Segment.Origin.Use.AT_THE_BEGINNING)),
        origin,
        dataset,
        profileSteps,
        job -> new ChainTrainer(job, tracks.keySet(), watch));
  }

  /** Once the side thread has heard it, trains on until that thread has passed it on. */
  void answerAt(long at, long step, RuntimeException told) {
    if (step == at) {
      attempt.answer(told);
      attempt.awaitHeard();
    }
  }

  CheckpointRef head() {
    return bench.workbench().checkpoints().head(track).orElseThrow();
  }

  Map<Long, Sha256> digests() {
    Map<Long, Sha256> digests = new LinkedHashMap<>();
    for (CheckpointRow row : bench.lineage().checkpoints(track)) {
      if (row.state() == CheckpointRow.State.COMMITTED) {
        digests.put(row.ref().step(), row.ref().stateDigest());
      }
    }
    return digests;
  }

  static List<Path> scratchLeft() throws IOException {
    try (Stream<Path> own = Files.list(folder.resolve("scratch"));
        Stream<Path> left = Files.list(own.findFirst().orElseThrow())) {
      return left.toList();
    }
  }
}
