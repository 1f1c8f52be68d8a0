package io.dinoflow.activity.support;

import io.dinoflow.activity.support.StepProfile.Lane;
import io.dinoflow.activity.support.StepProfile.Span;
import io.dinoflow.model.train.Phase;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the first steps of a segment, where that was asked for, and leaves them as a file.
 *
 * <p>The file is written when the step after the last one begins, so that a checkpoint between the
 * two is in it, or when the segment ends before. From then on, and where nothing was asked for, a
 * call costs one comparison. A profile that cannot be written is told in the log and in the run's
 * events; training goes on.
 *
 * <p>The training thread owns it; {@link #commit} comes from the side thread.
 */
final class ProfileRecorder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ProfileRecorder.class);

  private final Workbench bench;
  private final Segment segment;
  private final List<Span> spans = new ArrayList<>();
  private final List<Span> open = new ArrayList<>();
  private volatile boolean recording;
  private volatile long began;
  private volatile int steps;
  private long lastStep;

  /**
   * @param segment says how many steps
   */
  ProfileRecorder(Workbench bench, Segment segment) {
    this.bench = bench;
    this.segment = segment;
    this.recording = segment.profileSteps() > 0;
  }

  /** A part of the step that goes on; readings of {@link System#nanoTime}. */
  void phase(Phase phase, long fromNanos, long untilNanos) {
    if (!recording) {
      return;
    }
    if (steps == segment.profileSteps()) {
      close();
      return;
    }
    if (steps == 0 && open.isEmpty()) {
      began = fromNanos;
    }
    open.add(span(Lane.TRAINING, phase.word(), 0, fromNanos, untilNanos));
  }

  /** The step is through: what came since the one before it were its parts. */
  void step(long step) {
    if (!recording || open.isEmpty()) {
      return;
    }
    int taken = steps;
    Span first = open.get(0);
    Span last = open.get(open.size() - 1);
    long took = last.untilNanos() - first.fromNanos();
    add(new Span(Lane.TRAINING, StepProfile.STEP, step, first.fromNanos(), took));
    for (Span part : open) {
      add(new Span(part.lane(), part.name(), step, part.fromNanos(), part.tookNanos()));
    }
    open.clear();
    lastStep = step;
    steps = taken + 1;
  }

  /** Training stood still after a step. */
  void stop(long fromNanos, long untilNanos) {
    if (recording && steps > 0) {
      add(span(Lane.TRAINING, Phase.CHECKPOINT.word(), lastStep, fromNanos, untilNanos));
    }
  }

  /** A commit beside training, of the state after {@code step}. */
  void commit(long step, long fromNanos, long untilNanos) {
    if (recording && steps > 0) {
      add(span(Lane.COMMIT, StepProfile.COMMIT, step, fromNanos, untilNanos));
    }
  }

  private void add(Span span) {
    synchronized (spans) {
      spans.add(span);
    }
  }

  private Span span(Lane lane, String name, long step, long fromNanos, long untilNanos) {
    return new Span(lane, name, step, fromNanos - began, untilNanos - fromNanos);
  }

  /** Writes what was recorded, unless that was done or there is nothing. */
  @Override
  public void close() {
    if (!recording) {
      return;
    }
    recording = false;
    StepProfile profile;
    synchronized (spans) {
      profile = new StepProfile(segment.run(), scope(), spans);
    }
    List<Long> had = profile.steps();
    if (had.isEmpty()) {
      return;
    }
    try {
      Path file = bench.profiles().write(profile);
      tell("profiled", "steps %d to %d: %s".formatted(had.get(0), lastStep, file));
    } catch (IOException e) {
      LOG.warn("the profile of {} cannot be written", scope(), e);
      tell("not_profiled", "the profile of %s cannot be written: %s".formatted(scope(), e));
    }
  }

  private String scope() {
    return segment.group().isEmpty() ? segment.stage() : segment.stage() + "/" + segment.group();
  }

  private void tell(String kind, String text) {
    LOG.info("{} {}", scope(), text);
    bench.lineage().record(segment.run(), segment.stage(), kind, text);
  }
}
