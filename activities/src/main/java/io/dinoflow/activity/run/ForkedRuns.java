package io.dinoflow.activity.run;

import io.dinoflow.activity.support.Scratch;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.artifact.ArtifactStore;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.CheckpointStore;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunOpening;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.SegmentsCarried;
import io.dinoflow.workflow.api.StageRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Begins runs in the middle of others: what comes before is taken over by reference, the track at
 * hand begins with the old checkpoint's state, and a PARENT edge says so.
 *
 * <p>{@link #begin} is done before the run's workflow starts, which then finds an open run that has
 * come so far and goes on. It may be repeated.
 */
public final class ForkedRuns {
  private final CheckpointStore checkpoints;
  private final LineageStore lineage;
  private final TakenOver takenOver;

  public ForkedRuns(CheckpointStore checkpoints, ArtifactStore artifacts, LineageStore lineage) {
    this.checkpoints = checkpoints;
    this.lineage = lineage;
    this.takenOver = new TakenOver(artifacts, lineage);
  }

  /**
   * Opens the run, takes over what came before, and commits what its track begins with.
   *
   * @param folder for files on their way; they are verified and deleted
   * @return the new heads
   * @throws Fork.RefusedException the id is another run's
   * @throws IOException the local disk failed
   */
  public List<CheckpointRef> begin(Fork fork, RunId run, Path folder) throws IOException {
    RunOpening opening =
        lineage.openRun(
            run, fork.recipe().name(), Sha256.ofText(fork.canonicalJson()), fork.canonicalJson());
    if (opening.outcome() == RunOpening.Outcome.CONFLICT) {
      throw new Fork.RefusedException(
          List.of("run %s exists with another recipe: choose another id".formatted(run)));
    }
    for (StageResult result : fork.takenOver()) {
      takenOver.record(run, fork.recipe(), result, result.reusedFrom().orElse(fork.from().value()));
    }
    List<CheckpointRef> heads = new ArrayList<>();
    for (Map.Entry<TrackId, List<CheckpointRef>> seeds : fork.seeds().entrySet()) {
      TrackId old = seeds.getKey();
      heads.add(seed(new TrackId(run, old.stage(), old.student()), seeds.getValue(), folder));
    }
    if (!heads.isEmpty()) {
      lineage.record(
          run,
          fork.stage().name(),
          "forked",
          "begins with step %d of run %s".formatted(fork.firstStep(), fork.from()));
    }
    return heads;
  }

  private CheckpointRef seed(TrackId track, List<CheckpointRef> seeds, Path folder)
      throws IOException {
    Claim claim = checkpoints.claim(track, "fork");
    long from = -1;
    for (CheckpointRef seed : seeds) {
      long head = claim.head().map(CheckpointRef::step).orElse(-1L);
      if (seed.step() > head) {
        claim = claim.after(copy(claim, seed, from, folder));
      }
      from = seed.step();
    }
    return claim.head().orElseThrow();
  }

  private Map<String, String> facts(CheckpointRef seed) {
    return lineage.artifact(seed.id()).map(ArtifactRow::facts).orElse(Map.of());
  }

  private CheckpointRef copy(Claim claim, CheckpointRef seed, long from, Path folder)
      throws IOException {
    Path local = folder.resolve(seed.id().shortForm());
    try {
      Map<String, Path> fetched = checkpoints.fetch(seed.id(), part -> true, local);
      Manifest manifest = checkpoints.manifest(seed.id());
      List<BlobFile> files = new ArrayList<>();
      for (FileEntry file : manifest.files()) {
        files.add(
            new BlobFile(
                file.name(),
                Objects.requireNonNull(fetched.get(file.name())),
                file.sha256(),
                file.bytes()));
      }
      List<SeriesPoint> series =
          lineage.series(seed.track()).stream()
              .filter(point -> point.step() > from && point.step() <= seed.step())
              .toList();
      return checkpoints.commit(
          claim,
          new CheckpointDraft(
              seed.step(),
              files,
              List.of(
                  new EdgeDraft(EdgeKind.PARENT, seed.id(), Map.of("forked_at", "" + seed.step()))),
              lineage.metrics(seed.id()),
              series,
              manifest.environment(),
              facts(seed)));
    } finally {
      Scratch.delete(local);
    }
  }

  /**
   * The stage of a run that was begun so, to be run on its own: under no reuse key, because it may
   * end before the recipe's last step.
   */
  public StageRequest alone(Fork fork, RunId run) {
    StagePlan plan = fork.stage();
    lineage.beginStage(
        run,
        plan.name(),
        fork.recipe().stages().indexOf(fork.recipe().stage(plan.name()).orElseThrow()),
        TakenOver.kind(fork.recipe(), plan.name()),
        Optional.empty());
    List<StageResult> inputs =
        plan.inputs().stream()
            .map(
                name ->
                    fork.takenOver().stream()
                        .filter(result -> result.stage().equals(name))
                        .findFirst()
                        .orElseThrow())
            .toList();
    SegmentsCarried carried =
        new SegmentsCarried(
            fork.firstStep(),
            0,
            0,
            Sha256.ofText("no reuse: " + run),
            gramTeachers(fork, inputs),
            false,
            "");
    return new StageRequest(
        run, Sha256.ofText(fork.canonicalJson()), plan, inputs, false, 0, Optional.of(carried));
  }

  /** The first one, then the one of each refresh up to the step at hand. */
  private static List<CheckpointRef> gramTeachers(Fork fork, List<StageResult> inputs) {
    StagePlan plan = fork.stage();
    List<CheckpointRef> teachers = new ArrayList<>();
    plan.gram()
        .ifPresent(
            gram -> {
              inputs.stream()
                  .filter(input -> input.stage().equals(gram.from()))
                  .map(input -> input.checkpoint(Optional.empty()))
                  .forEach(teachers::add);
              List<Long> refreshes = ForkRules.teacherSteps(plan, fork.firstStep() + 1);
              fork.seeds().values().stream()
                  .flatMap(List::stream)
                  .filter(seed -> refreshes.contains(seed.step()))
                  .forEach(teachers::add);
            });
    return teachers;
  }
}
