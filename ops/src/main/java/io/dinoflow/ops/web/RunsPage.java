package io.dinoflow.ops.web;

import io.dinoflow.ops.report.RunFacts;
import io.dinoflow.ops.run.Pace;
import io.dinoflow.ops.run.RunSnapshot;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The list of runs, newest first; its JSON twin is this record. */
public record RunsPage(Instant now, List<Line> runs) {
  private static final int RUNS_MAX = 50;

  public RunsPage {
    runs = List.copyOf(runs);
  }

  /**
   * @param stage that runs, or that it ended in; empty before the first
   * @param live where the running stage stands, as it says itself
   * @param lastCheckpointAt of a run that is not closed
   */
  public record Line(
      String run,
      String recipe,
      RunState state,
      String reason,
      String stage,
      long stagesDone,
      Optional<Live> live,
      Instant createdAt,
      Instant updatedAt,
      Optional<Instant> lastCheckpointAt) {}

  /** Progress of one activity. */
  public record Live(
      String where, String phase, long step, long untilStep, String unit, String words) {}

  static RunsPage of(RunFacts facts, LiveRuns live, Instant now) {
    return new RunsPage(
        now, facts.runs(RUNS_MAX).stream().map(run -> line(run, facts, live)).toList());
  }

  private static Line line(RunRow run, RunFacts facts, LiveRuns live) {
    List<StageRow> stages = facts.stages(run.id());
    boolean open = !run.state().isClosed();
    return new Line(
        run.id().value(),
        run.recipeName(),
        run.state(),
        run.reason(),
        current(stages),
        stages.stream().filter(stage -> stage.state() == RunState.DONE).count(),
        open
            ? live.snapshot(run.id()).flatMap(s -> LiveWords.of(s).stream().findFirst())
            : Optional.empty(),
        run.createdAt(),
        run.updatedAt(),
        open ? facts.newestCheckpoint(run.id()).map(CheckpointRow::createdAt) : Optional.empty());
  }

  private static String current(List<StageRow> stages) {
    return stages.stream()
        .filter(stage -> stage.state() != RunState.DONE)
        .findFirst()
        .or(() -> stages.isEmpty() ? Optional.empty() : Optional.of(stages.get(stages.size() - 1)))
        .map(StageRow::name)
        .orElse("");
  }

  /** Whether looking again soon is worth it. */
  public boolean isLive() {
    return runs.stream().anyMatch(line -> !line.state().isClosed());
  }

  /** What an activity said last, in words. */
  static final class LiveWords {
    private LiveWords() {}

    static List<Live> of(RunSnapshot snapshot) {
      return snapshot.pipeline().stages().stream()
          .flatMap(stage -> snapshot.live().getOrDefault(stage.name(), List.of()).stream())
          .map(LiveWords::of)
          .toList();
    }

    private static Live of(RunSnapshot.Live live) {
      String where = live.workflowId().substring(live.workflowId().indexOf('/') + 1);
      StringBuilder words = new StringBuilder();
      live.progress()
          .ifPresent(
              p -> {
                if (p.imagesPerSecond() > 0) {
                  words.append(
                      String.format(Locale.ROOT, "%.0f images per second, ", p.imagesPerSecond()));
                }
                if (Pace.waits(p)) {
                  words.append(Pace.waiting(p)).append(", ");
                }
                p.loss()
                    .ifPresent(
                        loss -> words.append(String.format(Locale.ROOT, "loss %.3f, ", loss)));
                if (!p.note().isEmpty()) {
                  words.append(p.note()).append(", ");
                }
              });
      if (live.attempt() > 1) {
        words.append("attempt %d, %s, ".formatted(live.attempt(), live.lastFailure()));
      }
      String text = words.isEmpty() ? "" : words.substring(0, words.length() - 2);
      return live.progress()
          .map(p -> new Live(where, p.phase(), p.step(), p.untilStep(), p.unit(), text))
          .orElse(new Live(where, "starting", 0, 0, "steps", text));
    }
  }
}
