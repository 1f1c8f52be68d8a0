package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.train.Phase;
import io.dinoflow.model.train.StateCopy;
import io.dinoflow.model.train.StepListener;
import io.dinoflow.model.train.StepListener.Verdict;
import io.dinoflow.model.train.StepMetrics;
import io.dinoflow.model.train.TrainJob;
import io.dinoflow.model.train.Trainer;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.activity.SegmentResult;
import io.dinoflow.workflow.activity.SegmentResult.End;
import io.temporal.activity.ActivityExecutionContext;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The five verbs of training: claim, restore, run, commit, report.
 *
 * <p>It goes on from what is committed, whatever the caller or an earlier attempt believed. It
 * commits at policy points, at the segment's end, and when it is told to stop; an attempt that may
 * have been replaced begins no further commit. Killed at any moment it loses at most the steps
 * since the last commit.
 *
 * <p>Where the recipe says so, a commit happens beside the next steps, see {@link SideCommit}: it
 * is waited for before the next one and before the segment ends in any way, and where it fails, the
 * attempt fails at the next step. What has not been committed yet counts nowhere.
 */
public final class SegmentRunner {
  private static final Logger LOG = LoggerFactory.getLogger(SegmentRunner.class);

  /** After so long a segment ends at its next commit, so that histories show progress. */
  private static final Duration SEGMENT_TARGET = Duration.ofMinutes(10);

  private final Workbench bench;
  private final Duration target;

  public SegmentRunner(Workbench bench) {
    this(bench, SEGMENT_TARGET);
  }

  SegmentRunner(Workbench bench, Duration target) {
    this.bench = bench;
    this.target = target;
  }

  /** Trains the segment; see {@link SegmentResult} for where it may end. */
  public SegmentResult run(Segment segment, ActivityExecutionContext context) throws IOException {
    Progress first = Progress.ofPhase(segment.stage(), "restoring", "");
    try (Heartbeat heartbeat = Heartbeat.start(context, bench.heartbeat(), first);
        TrainingMeters meters = TrainingMeters.open(segment.run(), segment.stage());
        Scratch.Folder scratch = bench.scratch().folder(segment.stage())) {
      String owner =
          "%s attempt %d"
              .formatted(context.getInfo().getActivityId(), context.getInfo().getAttempt());
      return new Attempt(segment, heartbeat, meters, scratch.path(), owner).run();
    }
  }

  /** One attempt: the claims it holds and the steps it has not committed yet. */
  private final class Attempt {
    private final Segment segment;
    private final Heartbeat heartbeat;
    private final TrainingMeters meters;
    private final Path scratch;
    private final long startedNanos = System.nanoTime();
    private final StepLog log;
    private final SegmentCommit writer;
    private final StepPhases phases = new StepPhases();
    private final ProfileRecorder profile;
    private final Map<String, Claim> claims = new LinkedHashMap<>();
    private List<Metric> lastMeans = List.of();
    private long committed;

    Attempt(
        Segment segment, Heartbeat heartbeat, TrainingMeters meters, Path scratch, String owner) {
      this.segment = segment;
      this.heartbeat = heartbeat;
      this.meters = meters;
      this.scratch = scratch;
      this.log = new StepLog(segment.firstStep(), segment.lastStep());
      this.writer = new SegmentCommit(bench, segment, scratch);
      this.profile = new ProfileRecorder(bench, segment);
      segment
          .tracks()
          .forEach((name, track) -> claims.put(name, bench.checkpoints().claim(track, owner)));
    }

    SegmentResult run() throws IOException {
      Map<String, Path> resume = restore();
      long step = headStep();
      committed = step;
      if (step < segment.fromStep()) {
        return result(step, End.REWOUND, heads());
      }
      if (step >= segment.untilStep()) {
        return result(segment.untilStep(), End.REACHED, commitsAt(segment.untilStep()));
      }
      LOG.info("{}: from step {} to {}", segment.tracks().values(), step, segment.untilStep());
      Dataset dataset = bench.datasets().open(segment.dataset());
      TrainJob job =
          new TrainJob(
              segment.recipe(),
              segment.stage(),
              segment.group(),
              dataset,
              resume,
              step,
              originFolder(step),
              gramFolder(),
              scratch.resolve("work"));
      try (Trainer trainer = segment.trainer().apply(job);
          profile;
          SideCommit side = new SideCommit()) {
        return train(trainer, side);
      }
    }

    /** Fetches every track's head; a damaged one makes the track fall back and is tried again. */
    private Map<String, Path> restore() throws IOException {
      while (true) {
        Map<String, Path> folders = new LinkedHashMap<>();
        Optional<String> damaged = Optional.empty();
        if (headStep() >= segment.fromStep() && headStep() < segment.untilStep()) {
          for (String name : List.copyOf(claims.keySet())) {
            Optional<CheckpointRef> head = claim(name).head();
            if (head.isEmpty()) {
              continue;
            }
            Path folder = scratch.resolve("resume").resolve(name.isEmpty() ? "track" : name);
            try {
              bench
                  .checkpoints()
                  .fetch(head.get().id(), part -> !part.equals(StepLog.PART), folder);
              folders.put(name, folder);
            } catch (DamagedBlobException damage) {
              fallBack(name, damage);
              damaged = Optional.of(name);
              break;
            }
          }
        }
        if (damaged.isEmpty()) {
          return folders;
        }
      }
    }

    private void fallBack(String name, DamagedBlobException damage) {
      CheckpointRef head = claim(name).head().orElseThrow();
      Claim moved = bench.checkpoints().fallBack(claim(name), damage);
      claims.put(name, moved);
      String to = moved.head().map(h -> "step " + h.step()).orElse("the track's beginning");
      String text =
          "checkpoint %s at step %d is damaged (%s); going on from %s"
              .formatted(head.id().shortForm(), head.step(), damage.getMessage(), to);
      LOG.error("{}: {}", head.track(), text);
      bench.lineage().record(segment.run(), segment.stage(), "fell_back", text);
      advance("restoring", head.step(), Optional.empty(), 0, 0, text);
    }

    /** The step all tracks stand at; tracks that are committed together stand together. */
    private long headStep() {
      List<Long> steps =
          claims.values().stream()
              .map(c -> c.head().map(CheckpointRef::step).orElse(segment.firstStep()))
              .distinct()
              .toList();
      if (steps.size() != 1) {
        throw FailureMapper.lasting(
            Failures.DAMAGED,
            "the students of group %s stand at different steps %s, because checkpoints of some were"
                    .formatted(segment.group(), steps)
                + " damaged: start a new run with this stage");
      }
      return steps.get(0);
    }

    private Claim claim(String name) {
      return Objects.requireNonNull(claims.get(name), name);
    }

    private List<CheckpointRef> heads() {
      return claims.values().stream().flatMap(c -> c.head().stream()).toList();
    }

    /** What was committed at a step that the head has passed already. */
    private List<CheckpointRef> commitsAt(long step) {
      List<CheckpointRef> found = new ArrayList<>();
      for (Claim claim : claims.values()) {
        Optional<CheckpointRef> head = claim.head().filter(h -> h.step() == step);
        found.add(head.orElseGet(() -> commitAt(claim.track(), step)));
      }
      return found;
    }

    private CheckpointRef commitAt(TrackId track, long step) {
      return bench.lineage().checkpoints(track).stream()
          .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
          .map(CheckpointRow::ref)
          .filter(ref -> ref.step() == step)
          .findFirst()
          .orElseThrow(
              () ->
                  FailureMapper.lasting(
                      Failures.DAMAGED,
                      "track %s is past step %d, but its checkpoint of that step cannot be read any more: start a new run"
                          .formatted(track, step)));
    }

    private Optional<Path> originFolder(long step) throws IOException {
      boolean beginning = claims.values().stream().anyMatch(c -> c.head().isEmpty());
      Optional<Segment.Origin> wanted =
          segment.origin().filter(o -> beginning || o.use() == Segment.Origin.Use.ALWAYS);
      if (wanted.isEmpty()) {
        return Optional.empty();
      }
      advance("restoring", step, Optional.empty(), 0, 0, "fetching what it starts from");
      return Optional.of(needed(wanted.get().checkpoint(), wanted.get().parts(), "origin"));
    }

    private Optional<Path> gramFolder() throws IOException {
      if (segment.gramTeacher().isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          needed(segment.gramTeacher().get(), "teacher.safetensors"::equals, "gram"));
    }

    /** Another track's checkpoint: where it is damaged, there is none to fall back to. */
    private Path needed(CheckpointRef checkpoint, Predicate<String> parts, String name)
        throws IOException {
      Path folder = scratch.resolve(name);
      try {
        bench.checkpoints().fetch(checkpoint.id(), parts, folder);
      } catch (DamagedBlobException damage) {
        throw FailureMapper.lasting(
            Failures.DAMAGED,
            "stage %s needs checkpoint %s of %s at step %d, and it is damaged (%s): restore its object from a backup and start this run again, or start a new run"
                .formatted(
                    segment.stage(),
                    checkpoint.id().shortForm(),
                    checkpoint.track(),
                    checkpoint.step(),
                    damage.getMessage()));
      }
      return folder;
    }

    private SegmentResult train(Trainer trainer, SideCommit side) throws IOException {
      if (trainer.step() != committed) {
        throw new IllegalStateException(
            "the trainer stands at step %d, its checkpoint at %d"
                .formatted(trainer.step(), committed));
      }
      while (true) {
        long due = segment.nextCommit(trainer.step());
        step(trainer, due, side);
        Optional<Heartbeat.Stop> stop = heartbeat.stopRequested();
        if (stop.isPresent() && stop.get() == Heartbeat.Stop.LOST) {
          heartbeat.throwIfStopped();
        }
        long stopped = System.nanoTime();
        settle(side, trainer.step());
        if (trainer.step() > committed) {
          commit(trainer, trainer.step() == due ? Probes.MEASURED : Probes.NONE, side);
        }
        long resumed = System.nanoTime();
        phases.add(Phase.CHECKPOINT, resumed - stopped);
        profile.stop(stopped, resumed);
        boolean full = System.nanoTime() - startedNanos > target.toNanos();
        boolean reached = trainer.step() >= segment.untilStep();
        if (reached || stop.isPresent() || full) {
          settle(side, trainer.step());
          return result(trainer.step(), reached ? End.REACHED : End.EARLY, heads());
        }
      }
    }

    /** Trains up to {@code due}; where that fails, a failed commit, which came first, is told. */
    private void step(Trainer trainer, long due, SideCommit side) {
      try {
        trainer.run(due, listener(side));
      } catch (RuntimeException e) {
        try {
          side.await();
        } catch (RuntimeException earlier) {
          earlier.addSuppressed(e);
          throw earlier;
        }
        throw e;
      }
    }

    private StepListener listener(SideCommit side) {
      return new StepListener() {
        @Override
        public Verdict onStep(StepMetrics metrics) {
          phases.told();
          profile.step(metrics.step());
          return Attempt.this.onStep(metrics, side);
        }

        @Override
        public void onPhase(Phase phase, long fromNanos, long untilNanos) {
          phases.add(phase, untilNanos - fromNanos);
          profile.phase(phase, fromNanos, untilNanos);
        }
      };
    }

    private Verdict onStep(StepMetrics step, SideCommit side) {
      log.add(step);
      meters.step(step);
      if (side.hasFailed()) {
        return Verdict.STOP;
      }
      side.finished().ifPresent(this::committed);
      advance(
          "training",
          step.step(),
          Optional.ofNullable(step.values().get("total_loss")),
          StepLog.rate(step),
          StepLog.wait(step),
          "");
      return heartbeat.stopRequested().isPresent() ? Verdict.STOP : Verdict.GO_ON;
    }

    /** Waits for the commit in flight, if there is one. */
    private void settle(SideCommit side, long step) {
      if (side.isUnderWay()) {
        advance("committing", step, Optional.empty(), 0, 0, "");
      }
      side.await().ifPresent(this::committed);
    }

    /** Copies the state and commits it beside training, or commits it now; as the recipe says. */
    private void commit(Trainer trainer, Probes probes, SideCommit side) throws IOException {
      long step = trainer.step();
      advance("committing", step, Optional.empty(), 0, 0, "");
      Map<String, Double> probe = probes == Probes.MEASURED ? trainer.probe() : Map.of();
      StepLog since = log.cut();
      List<Claim> owners = List.copyOf(claims.values());
      if (segment.policy().async()) {
        StateCopy copy = trainer.copy();
        side.begin(
            () -> {
              long began = System.nanoTime();
              try (copy) {
                return writer.commit(step, owners, copy::write, since, probe);
              } finally {
                profile.commit(step, began, System.nanoTime());
              }
            });
        advance("training", step, Optional.empty(), 0, 0, "");
      } else {
        committed(writer.commit(step, owners, trainer::snapshot, since, probe));
      }
    }

    /** What a commit that is through changes here; on the training thread. */
    private void committed(SideCommit.Done done) {
      int i = 0;
      for (String name : List.copyOf(claims.keySet())) {
        claims.put(name, claim(name).after(done.checkpoints().get(i++)));
      }
      lastMeans = done.means();
      committed = done.step();
      advance("training", done.step(), Optional.empty(), 0, 0, "committed");
    }

    private void advance(
        String phase, long step, Optional<Double> loss, double rate, double wait, String note) {
      LogContext.step(step);
      heartbeat.advance(
          new Progress(
              segment.stage(),
              phase,
              step,
              segment.untilStep(),
              "steps",
              loss,
              rate,
              committed,
              wait,
              note));
    }

    private SegmentResult result(long step, End end, List<CheckpointRef> checkpoints) {
      LOG.info("{}: ended at step {} ({})", segment.tracks().values(), step, end);
      return new SegmentResult(step, end, checkpoints, lastMeans);
    }
  }

  /** Whether the probe batch is measured at a commit; a hasty one leaves it out. */
  private enum Probes {
    MEASURED,
    NONE
  }
}
