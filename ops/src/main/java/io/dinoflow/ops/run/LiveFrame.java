package io.dinoflow.ops.run;

import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.api.PipelineProgress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The lines of one picture of a run, none wider than the terminal: one a stage, a second where it
 * is tried again, and one for each group of students that trains at the same time.
 *
 * <p>It remembers when it saw which step, from which it tells rates and the time that is left.
 */
final class LiveFrame {
  private static final int STATE_COLUMNS_MIN = 8;
  private static final int NAME_COLUMNS_MIN = 11;
  private static final int NAME_COLUMNS_MAX = 24;
  private static final int BAR_MAX = 16;
  private static final int BAR_MIN = 6;
  private static final long RATE_WINDOW_NANOS = Duration.ofSeconds(60).toNanos();
  private static final long RATE_SPAN_MIN_NANOS = Duration.ofSeconds(2).toNanos();

  private final StageNotes notes;
  private final Map<String, StageNotes.Note> known = new HashMap<>();
  private final Map<String, Long> begunNanos = new HashMap<>();
  private final Map<String, Duration> took = new HashMap<>();
  private final Map<String, Deque<Seen>> seen = new HashMap<>();

  LiveFrame(StageNotes notes) {
    this.notes = notes;
  }

  /** A step, and when it was first seen. */
  private record Seen(long step, long nanos) {}

  /** The lines for this moment. */
  List<String> lines(RunSnapshot snapshot, long nowNanos, int columns) {
    PipelineProgress run = snapshot.pipeline();
    Layout layout = new Layout(columns, stateColumns(run), nameColumns(run));
    List<String> lines = new ArrayList<>();
    for (PipelineProgress.Stage stage : run.stages()) {
      List<RunSnapshot.Live> live = snapshot.live().getOrDefault(stage.name(), List.of());
      lines.addAll(stage(stage, state(run, stage), live, nowNanos, layout));
    }
    if (run.stages().isEmpty()) {
      lines.add(" " + layout.head(run.state(), run.run()).strip() + "  its recipe is being read");
    }
    if (!run.reason().isEmpty()) {
      lines.add("");
      lines.add(" %s: %s".formatted(run.state(), firstLine(run.reason())));
    }
    return lines.stream().map(line -> fit(line, columns)).toList();
  }

  /** Widths of the terminal and of the two leading columns. */
  private record Layout(int columns, int states, int names) {
    String head(String state, String name) {
      return " %s %s ".formatted(pad(state, states), pad(fit(name, names), names));
    }
  }

  private static int stateColumns(PipelineProgress run) {
    return Math.max(
        STATE_COLUMNS_MIN,
        run.stages().stream().mapToInt(stage -> stage.state().length()).max().orElse(0));
  }

  private static int nameColumns(PipelineProgress run) {
    int longest = run.stages().stream().mapToInt(stage -> stage.name().length()).max().orElse(0);
    return Math.min(NAME_COLUMNS_MAX, Math.max(NAME_COLUMNS_MIN, longest + 1));
  }

  /** A paused run's stage waits at its checkpoint, though the workflow still counts it running. */
  private static String state(PipelineProgress run, PipelineProgress.Stage stage) {
    return run.state().equals("paused") && stage.state().equals("running")
        ? "paused"
        : stage.state();
  }

  private List<String> stage(
      PipelineProgress.Stage stage,
      String state,
      List<RunSnapshot.Live> live,
      long now,
      Layout layout) {
    clock(stage, now);
    String head = layout.head(state, stage.name());
    List<String> lines = new ArrayList<>();
    switch (stage.state()) {
      case "waiting" -> lines.add(head + waiting(stage));
      case "running" -> running(stage, head, live, now, layout, lines);
      default -> lines.add(spread(head + ended(stage), time(stage), layout.columns()));
    }
    return lines;
  }

  private static String pad(String text, int columns) {
    return text + " ".repeat(Math.max(0, columns - text.length()));
  }

  private void clock(PipelineProgress.Stage stage, long now) {
    if (stage.state().equals("running")) {
      begunNanos.putIfAbsent(stage.name(), now);
    } else if (begunNanos.containsKey(stage.name())) {
      took.putIfAbsent(stage.name(), Duration.ofNanos(now - begunNanos.get(stage.name())));
    }
  }

  private String waiting(PipelineProgress.Stage stage) {
    String words = note(stage).words();
    return words.isEmpty() && stage.lastStep() > stage.firstStep()
        ? "%s steps".formatted(count(stage.lastStep() - stage.firstStep()))
        : words;
  }

  private String ended(PipelineProgress.Stage stage) {
    String words =
        note(stage).words().isEmpty() && stage.lastStep() > stage.firstStep()
            ? "%s steps".formatted(count(stage.lastStep() - stage.firstStep()))
            : note(stage).words();
    return words
        + stage
            .reusedFrom()
            .map(from -> (words.isEmpty() ? "" : "  ") + "reused from " + from)
            .orElse("");
  }

  private String time(PipelineProgress.Stage stage) {
    return note(stage)
        .took()
        .or(() -> Optional.ofNullable(took.get(stage.name())))
        .map(LiveFrame::clock)
        .orElse("");
  }

  private StageNotes.Note note(PipelineProgress.Stage stage) {
    return known.computeIfAbsent(stage.name() + " " + stage.state(), key -> notes.of(stage));
  }

  private void running(
      PipelineProgress.Stage stage,
      String head,
      List<RunSnapshot.Live> live,
      long now,
      Layout layout,
      List<String> lines) {
    if (live.isEmpty()) {
      lines.add(head + "between two segments");
    } else if (live.size() == 1) {
      lines.add(head + doing(stage, live.get(0), now, layout.columns() - head.length()));
      retry(live.get(0), head.length(), lines);
    } else {
      lines.add(head + "%d groups".formatted(live.size()));
      for (RunSnapshot.Live one : live) {
        String below = layout.head("", " " + group(stage, one));
        lines.add(below + doing(stage, one, now, layout.columns() - below.length()));
        retry(one, head.length(), lines);
      }
    }
  }

  private static String group(PipelineProgress.Stage stage, RunSnapshot.Live live) {
    String id = live.workflowId();
    return id.startsWith(stage.workflowId() + "/")
        ? id.substring(stage.workflowId().length() + 1)
        : id;
  }

  private static void retry(RunSnapshot.Live live, int indent, List<String> lines) {
    if (live.attempt() > 1) {
      lines.add(
          " ".repeat(indent)
              + "running (attempt %d, %s)"
                  .formatted(live.attempt(), firstLine(live.lastFailure())));
    }
  }

  private String doing(PipelineProgress.Stage stage, RunSnapshot.Live live, long now, int columns) {
    if (live.progress().isEmpty()) {
      return "starting";
    }
    Progress progress = live.progress().get();
    boolean ofStage = progress.unit().equals("steps") && stage.lastStep() > stage.firstStep();
    long first = ofStage ? stage.firstStep() : 0;
    long all = ofStage ? stage.lastStep() - first : progress.untilStep();
    long done = Math.max(0, progress.step() - first);
    if (all <= 0) {
      return progress.phase() + (progress.note().isEmpty() ? "" : "  " + progress.note());
    }
    StringBuilder words = new StringBuilder("  %s/%s".formatted(count(done), count(all)));
    if (!progress.phase().equals("training")) {
      words.append("  ").append(progress.phase());
    }
    words.append(Pace.words(progress));
    progress
        .loss()
        .ifPresent(loss -> words.append(String.format(Locale.ROOT, "  loss %.2f", loss)));
    left(live.workflowId(), done, all, now)
        .ifPresent(time -> words.append("  eta ").append(clock(time)));
    return bar(done, all, columns - words.length()) + words;
  }

  /** Bars get shorter before words are cut. */
  private static String bar(long done, long all, int columns) {
    int cells = Math.max(BAR_MIN, Math.min(BAR_MAX, columns - 2));
    int full = (int) Math.min(cells, done * cells / all);
    return "[" + "#".repeat(full) + "-".repeat(cells - full) + "]";
  }

  /** Time to the stage's end at the rate of the last minute. */
  private Optional<Duration> left(String workflow, long done, long all, long now) {
    Deque<Seen> steps = seen.computeIfAbsent(workflow, id -> new ArrayDeque<>());
    if (!steps.isEmpty() && done < steps.getLast().step()) {
      steps.clear();
    }
    if (steps.isEmpty() || done > steps.getLast().step()) {
      steps.addLast(new Seen(done, now));
    }
    while (steps.size() > 2 && now - steps.getFirst().nanos() > RATE_WINDOW_NANOS) {
      steps.removeFirst();
    }
    long span = steps.getLast().nanos() - steps.getFirst().nanos();
    long made = steps.getLast().step() - steps.getFirst().step();
    return span < RATE_SPAN_MIN_NANOS || made == 0
        ? Optional.empty()
        : Optional.of(Duration.ofNanos((long) ((double) span / made * (all - done))));
  }

  /** Words to the left, time to the right edge; the words give way. */
  private static String spread(String words, String time, int columns) {
    if (time.isEmpty()) {
      return words.stripTrailing();
    }
    int room = Math.max(0, columns - time.length() - 1);
    return pad(fit(words.stripTrailing(), room), room) + " " + time;
  }

  private static String fit(String line, int columns) {
    return line.length() <= columns
        ? line
        : line.substring(0, Math.max(0, columns - 1)) + (columns > 0 ? "…" : "");
  }

  private static String firstLine(String text) {
    return text.lines().findFirst().orElse("");
  }

  private static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  private static String clock(Duration duration) {
    long seconds = duration.toSeconds();
    return seconds < 3600
        ? "%d:%02d".formatted(seconds / 60, seconds % 60)
        : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
