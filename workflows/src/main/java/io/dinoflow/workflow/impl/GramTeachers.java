package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.workflow.activity.StagePlan.GramPlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which Gram teacher serves at which step: the one the stage begins with, then the track's own
 * checkpoint at every refresh. A refresh is only a choice of reference; no bytes move.
 *
 * <p>Where segments end never changes the answer: it depends on the step alone.
 */
final class GramTeachers {
  private final Optional<GramPlan> plan;
  private final long firstStep;
  private final long lastStep;

  /** Entry i serves from refresh i on; entry 0 is what the stage begins with. */
  private final List<CheckpointRef> chosen;

  GramTeachers(Optional<GramPlan> plan, long firstStep, long lastStep, List<CheckpointRef> chosen) {
    this.plan = plan;
    this.firstStep = firstStep;
    this.lastStep = lastStep;
    this.chosen = new ArrayList<>(chosen);
  }

  List<CheckpointRef> chosen() {
    return List.copyOf(chosen);
  }

  /** The teacher that serves the steps after {@code step}. */
  Optional<CheckpointRef> at(long step) {
    if (plan.isEmpty() || chosen.isEmpty()) {
      return Optional.empty();
    }
    int refresh = refreshesBy(step);
    if (refresh >= chosen.size()) {
      throw new IllegalStateException(
          "no Gram teacher is known for step %d: refresh %d of %d"
              .formatted(step, refresh, chosen.size() - 1));
    }
    return Optional.of(chosen.get(refresh));
  }

  /** The step from which the teacher of {@code step} serves. */
  long since(long step) {
    return firstStep + refreshesBy(step) * every();
  }

  /** The step at which the teacher of {@code step} stops serving. */
  long until(long step) {
    int refresh = refreshesBy(step);
    boolean last = plan.isEmpty() || every() == 0 || atLimit(refresh);
    return last ? lastStep : Math.min(lastStep, firstStep + (refresh + 1) * every());
  }

  /** Takes note of a commit; where it lies on a refresh it becomes the next teacher. */
  Optional<CheckpointRef> reached(CheckpointRef commit) {
    boolean onRefresh =
        plan.isPresent()
            && every() > 0
            && commit.step() > firstStep
            && commit.step() < lastStep
            && (commit.step() - firstStep) % every() == 0
            && refreshesBy(commit.step()) == chosen.size();
    if (onRefresh) {
      chosen.add(commit);
      return Optional.of(commit);
    }
    return Optional.empty();
  }

  /** Forgets the choices made after a step that the track fell back to. */
  void rewind(long step) {
    int keep = refreshesBy(step) + 1;
    while (chosen.size() > keep) {
      chosen.remove(chosen.size() - 1);
    }
  }

  private int refreshesBy(long step) {
    if (every() == 0) {
      return 0;
    }
    // on the last step nobody is left to be taught: a refresh there is none
    long count = (Math.min(step, lastStep - 1) - firstStep) / every();
    int max = plan.map(GramPlan::updatesMax).orElse(0);
    return (int) (max == 0 ? count : Math.min(count, max));
  }

  private boolean atLimit(int refreshes) {
    int max = plan.map(GramPlan::updatesMax).orElse(0);
    return max > 0 && refreshes >= max;
  }

  private long every() {
    return plan.map(GramPlan::everySteps).orElse(0L);
  }
}
