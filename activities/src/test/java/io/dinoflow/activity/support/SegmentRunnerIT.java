package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dinoflow.activity.testing.Attempt;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.model.recipe.io.RecipeFormat;
import io.dinoflow.model.train.DivergedException;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.checkpoint.FencedException;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.SegmentResult.End;
import io.temporal.client.ActivityNotExistsException;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SegmentRunnerIT extends SegmentTrial {
  @Test
  void commitsAtPolicyPointsAndAtItsEnd() throws Exception {
    SegmentResult result = train(0, 11);
    assertThat(result.end()).isEqualTo(End.REACHED);
    assertThat(result.step()).isEqualTo(11);
    List<CheckpointRow> rows = bench.lineage().checkpoints(track);
    assertThat(rows).extracting(row -> row.ref().step()).containsExactly(4L, 6L, 8L, 11L);
    assertThat(result.checkpoints()).containsExactly(rows.get(3).ref());
    assertThat(result.metrics()).extracting(Metric::name).containsExactly("total_loss");
    assertThat(bench.lineage().series(track))
        .filteredOn(point -> point.name().equals("total_loss"))
        .extracting(SeriesPoint::step)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 11).boxed().toList());
    assertThat(bench.lineage().metrics(rows.get(0).ref().id()))
        .extracting(Metric::name)
        .contains("probe.cls_similarity", "total_loss");
    assertThat(bench.lineage().artifact(rows.get(0).ref().id()).orElseThrow().facts())
        .containsEntry("recipe", RecipeFormat.digest(RECIPE).hex());
    Manifest manifest = bench.workbench().checkpoints().manifest(rows.get(0).ref().id());
    assertThat(manifest.files())
        .extracting(FileEntry::name)
        .containsExactlyInAnyOrder(
            "student.safetensors", "teacher.safetensors", "guard.json", "metrics.jsonl");
    assertThat(watch.closed).isEqualTo(1);
    assertThat(scratchLeft()).isEmpty();
  }

  @Test
  void goesOnFromTheHeadWhateverTheCallerBelieves() throws Exception {
    train(0, 8);
    SegmentResult on = train(0, 12);
    assertThat(on.step()).isEqualTo(12);
    assertThat(watch.executed)
        .containsExactlyElementsOf(LongStream.rangeClosed(1, 12).boxed().toList());

    SegmentResult again = train(0, 8);
    assertThat(again.end()).isEqualTo(End.REACHED);
    assertThat(again.step()).isEqualTo(8);
    assertThat(again.checkpoints()).extracting(CheckpointRef::step).containsExactly(8L);
    assertThat(watch.executed).hasSize(12);
  }

  @Test
  void givesEqualStatesWhereverSegmentsEnd() throws Exception {
    long seed = 20_250_101;
    Random random = new Random(seed);
    train(0, 30);
    Map<Long, Sha256> straight = digests();
    for (int i = 0; i < 6; i++) {
      openRun();
      for (long step = 0; step < 30; ) {
        step = train(step, Math.min(30, step + 1 + random.nextInt(9))).step();
      }
      Map<Long, Sha256> split = digests();
      assertThat(split).as("seed %d, round %d", seed, i).containsAllEntriesOf(straight);
    }
  }

  @ParameterizedTest
  @MethodSource("polite")
  void commitsAndEndsEarlyWhenItIsTold(RuntimeException told) throws Exception {
    watch.beforeStep = step -> answerAt(7, step, told);
    SegmentResult result = run(segment(NEVER, 0, FAR));
    assertThat(result.end()).isEqualTo(End.EARLY);
    assertThat(result.step()).isGreaterThanOrEqualTo(7).isLessThan(FAR);
    assertThat(result.checkpoints()).containsExactly(head());
    assertThat(head().step()).isEqualTo(result.step());
  }

  @Test
  void commitsNothingWhenAnotherAttemptMayRun() throws Exception {
    train(0, 4);
    CheckpointRef before = head();
    watch.beforeStep =
        step ->
            answerAt(7, step, new ActivityNotExistsException(new IllegalStateException("gone")));
    assertThatThrownBy(() -> run(segment(NEVER, 4, FAR)))
        .isInstanceOf(ActivityNotExistsException.class);
    assertThat(head()).isEqualTo(before);
    assertThat(scratchLeft()).isEmpty();
  }

  @Test
  void takesNothingWhenItWasReplacedBeforeItBegan() {
    attempt.answer(new ActivityNotExistsException(new IllegalStateException("gone")));
    assertThatThrownBy(() -> train(0, 4)).isInstanceOf(ActivityNotExistsException.class);
    assertThat(bench.workbench().checkpoints().claim(track, "first").fence()).isEqualTo(1);
  }

  @Test
  void endsAtTheFirstCommitAfterItsTime() throws Exception {
    SegmentRunner hasty = new SegmentRunner(bench.workbench(), Duration.ZERO);
    SegmentResult result = hasty.run(segment(POLICY, 0, 20), attempt);
    assertThat(result.end()).isEqualTo(End.EARLY);
    assertThat(result.step()).isEqualTo(4);
    assertThat(hasty.run(segment(POLICY, 4, 6), attempt).end()).isEqualTo(End.REACHED);
  }

  @Test
  void losesTheTrackToALaterAttemptAndCommitsNothing() throws Exception {
    watch.beforeStep =
        step -> {
          if (step == 3) {
            watch.beforeStep = ignored -> {};
            later();
          }
        };
    assertThatThrownBy(() -> train(0, 4)).isInstanceOf(FencedException.class);
    assertThat(head().step()).isEqualTo(8);
    assertThat(digests().keySet()).containsExactly(4L, 6L, 8L);
  }

  private void later() {
    try {
      new SegmentRunner(bench.workbench()).run(segment(POLICY, 0, 8), new Attempt());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void fallsBackFromADamagedHeadAndComesToTheSameState() throws Exception {
    train(0, 8);
    Map<Long, Sha256> before = digests();
    damage(head(), "student.safetensors");
    SegmentResult rewound = train(8, 12);
    assertThat(rewound.end()).isEqualTo(End.REWOUND);
    assertThat(rewound.step()).isEqualTo(6);
    assertThat(rewound.checkpoints()).containsExactly(head());
    assertThat(bench.lineage().events(run)).extracting(Event::kind).contains("fell_back");

    assertThat(train(6, 12).step()).isEqualTo(12);
    assertThat(digests()).containsAllEntriesOf(before);
    openRun();
    train(0, 12);
    Map<Long, Sha256> undisturbed = digests();
    track = TrackId.of(rewound.checkpoints().get(0).track().run(), "pretrain");
    assertThat(digests()).isEqualTo(undisturbed);
  }

  @Test
  void beginsAgainWhereNothingGoodIsLeft() throws Exception {
    train(0, 4);
    damage(head(), "student.safetensors");
    SegmentResult rewound = train(4, 8);
    assertThat(rewound.end()).isEqualTo(End.REWOUND);
    assertThat(rewound.step()).isZero();
    assertThat(rewound.checkpoints()).isEmpty();
    assertThat(train(0, 8).step()).isEqualTo(8);
  }

  @Test
  void keepsTheLastGoodCheckpointWhenTrainingDiverges() throws Exception {
    watch.divergesAt = 6;
    assertThatThrownBy(() -> train(0, 12)).isInstanceOf(DivergedException.class);
    assertThat(head().step()).isEqualTo(4);
    assertThat(watch.closed).isEqualTo(1);
    watch.divergesAt = -1;
    assertThat(train(4, 12).step()).isEqualTo(12);
  }

  @Test
  void commitsTheTracksOfAGroupTogetherOrNoneOfThem() throws Exception {
    Map<String, TrackId> tracks = new LinkedHashMap<>();
    for (String student : List.of("vit", "slim")) {
      tracks.put(student, TrackId.ofStudent(run, "distill", student));
    }
    SegmentResult result = run(group(tracks, 0, 3));
    assertThat(result.checkpoints())
        .extracting(CheckpointRef::track)
        .containsExactlyElementsOf(tracks.values());
    assertThat(result.checkpoints()).extracting(CheckpointRef::stateDigest).doesNotHaveDuplicates();

    watch.beforeStep =
        step -> {
          if (step == 5) {
            bench.workbench().checkpoints().claim(tracks.get("slim"), "somebody else");
          }
        };
    assertThatThrownBy(() -> run(group(tracks, 3, 6))).isInstanceOf(FencedException.class);
    watch.beforeStep = step -> {};
    for (TrackId each : tracks.values()) {
      assertThat(bench.workbench().checkpoints().head(each).orElseThrow().step()).isEqualTo(3);
    }
    assertThat(run(group(tracks, 3, 6)).checkpoints())
        .extracting(CheckpointRef::step)
        .containsExactly(6L, 6L);
  }

  @Test
  void saysThatAGroupStandsApartInsteadOfTryingForEver() throws Exception {
    Map<String, TrackId> tracks = new LinkedHashMap<>();
    for (String student : List.of("vit", "slim")) {
      tracks.put(student, TrackId.ofStudent(run, "distill", student));
    }
    run(group(tracks, 0, 3));
    SegmentResult second = run(group(tracks, 3, 6));
    damage(second.checkpoints().get(1), "student.safetensors");
    ApplicationFailure failure =
        catchThrowableOfType(ApplicationFailure.class, () -> run(group(tracks, 6, 9)));
    assertThat(failure.isNonRetryable()).isTrue();
    assertThat(failure.getOriginalMessage()).contains("group small", "[6, 3]", "start a new run");
  }

  @Test
  void beginsWithItsOriginAndRecordsWhatItWasMadeFrom() throws Exception {
    train(0, 4);
    CheckpointRef pretrained = head();
    openRun();
    SegmentResult result = run(from(pretrained, 0, 8));
    List<CheckpointRow> rows = bench.lineage().checkpoints(track);
    assertThat(edges(rows.get(0).ref()))
        .containsExactlyInAnyOrder(
            Map.entry(EdgeKind.INITIALISED_FROM, pretrained.id()),
            Map.entry(EdgeKind.GRAM_TEACHER, pretrained.id()),
            Map.entry(EdgeKind.DATASET, dataset.version()));
    assertThat(edges(result.checkpoints().get(0)))
        .as("a later one is made from its parent")
        .contains(Map.entry(EdgeKind.GRAM_TEACHER, pretrained.id()))
        .doesNotContain(Map.entry(EdgeKind.INITIALISED_FROM, pretrained.id()));
    Map<Long, Sha256> started = digests();
    openRun();
    train(0, 8);
    assertThat(digests().get(8L)).isNotEqualTo(started.get(8L));
  }

  /** No attempt would ever find it whole. */
  @Test
  void failsForGoodWhereItsOriginIsDamaged() throws Exception {
    train(0, 4);
    CheckpointRef pretrained = head();
    damage(pretrained, "teacher.safetensors");
    openRun();
    ApplicationFailure failure =
        catchThrowableOfType(
            ApplicationFailure.class,
            () -> FailureMapper.mapped(() -> run(from(pretrained, 0, 8))));
    assertThat(failure.isNonRetryable()).isTrue();
    assertThat(failure.getType()).isEqualTo(Failures.DAMAGED);
    assertThat(failure.getOriginalMessage())
        .contains("teacher.safetensors", "at step 4", "new run");
  }

  @Test
  void tellsPeopleHowFarItIs() throws Exception {
    train(0, 4);
    assertThat(attempt.beats().get(0))
        .isInstanceOfSatisfying(
            Progress.class, first -> assertThat(first.phase()).isEqualTo("restoring"));
  }

  private Segment group(Map<String, TrackId> tracks, long from, long until) {
    return segment(
        tracks,
        "distill",
        "small",
        new CheckpointPolicy(3, 3, 0, 0, true),
        from,
        until,
        Optional.empty());
  }

  private Segment from(CheckpointRef origin, long from, long until) {
    return segment(Map.of("", track), "pretrain", "", POLICY, from, until, Optional.of(origin));
  }

  private static List<Map.Entry<EdgeKind, Sha256>> edges(CheckpointRef checkpoint) {
    return bench.workbench().checkpoints().manifest(checkpoint.id()).edges().stream()
        .map((EdgeDraft edge) -> Map.entry(edge.kind(), edge.to()))
        .toList();
  }

  private static void damage(CheckpointRef checkpoint, String part) throws IOException {
    Manifest manifest = bench.workbench().checkpoints().manifest(checkpoint.id());
    for (FileEntry file : manifest.files()) {
      if (file.name().equals(part)) {
        bench.damage(file.sha256());
      }
    }
  }
}
