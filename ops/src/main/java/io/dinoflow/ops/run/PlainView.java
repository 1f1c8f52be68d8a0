package io.dinoflow.ops.run;

import io.dinoflow.workflow.activity.Progress;
import io.dinoflow.workflow.api.PipelineProgress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Appended lines for output that is no terminal: each change of a stage at once, and at most one
 * line of progress every ten seconds a stage.
 */
public final class PlainView implements RunView {
  private static final long INTERVAL_NANOS = Duration.ofSeconds(10).toNanos();

  private final Consumer<String> out;
  private final LongSupplier nanos;
  private final Map<String, String> states = new HashMap<>();
  private final Map<String, Long> saidAt = new HashMap<>();
  private final Map<String, Rate> rates = new HashMap<>();
  private String lastNote = "";

  public PlainView(Consumer<String> out) {
    this(out, System::nanoTime);
  }

  PlainView(Consumer<String> out, LongSupplier nanos) {
    this.out = out;
    this.nanos = nanos;
  }

  @Override
  public void show(RunSnapshot snapshot) {
    lastNote = "";
    for (PipelineProgress.Stage stage : snapshot.pipeline().stages()) {
      String state =
          stage.state() + stage.reusedFrom().map(run -> " (reused from " + run + ")").orElse("");
      String before = states.put(stage.name(), state);
      if (!state.equals(before) && !(before == null && state.equals("waiting"))) {
        out.accept(line(state, stage.name(), steps(stage)));
      }
      for (RunSnapshot.Live live : snapshot.live().getOrDefault(stage.name(), List.of())) {
        progress(stage, live);
      }
    }
  }

  @Override
  public void note(String text) {
    if (!text.equals(lastNote)) {
      lastNote = text;
      out.accept(text);
    }
  }

  @Override
  public void close() {}

  private void progress(PipelineProgress.Stage stage, RunSnapshot.Live live) {
    if (live.progress().isEmpty() && live.attempt() <= 1) {
      return;
    }
    long now = nanos.getAsLong();
    Long said = saidAt.get(live.workflowId());
    if (said != null && now - said < INTERVAL_NANOS) {
      return;
    }
    saidAt.put(live.workflowId(), now);
    String name =
        live.workflowId().equals(stage.workflowId())
            ? stage.name()
            : stage.name() + live.workflowId().substring(stage.workflowId().length());
    out.accept(
        line(
            stage.state(),
            name,
            live.progress().map(p -> words(name, p, now)).orElse("") + retry(live)));
  }

  private String words(String name, Progress progress, long now) {
    StringBuilder words = new StringBuilder(progress.phase());
    if (progress.untilStep() > 0) {
      words.append(
          String.format(
              Locale.ROOT, " %,d/%,d %s", progress.step(), progress.untilStep(), progress.unit()));
    }
    words.append(Pace.words(progress));
    progress
        .loss()
        .ifPresent(loss -> words.append(String.format(Locale.ROOT, "  loss %.3f", loss)));
    Rate rate = rates.get(name);
    if (rate == null || progress.step() < rate.step) {
      rates.put(name, new Rate(progress.step(), now));
    } else if (progress.step() > rate.step && progress.untilStep() > progress.step()) {
      double perStep = (now - rate.nanos) / 1e9 / (progress.step() - rate.step);
      long seconds = Math.round(perStep * (progress.untilStep() - progress.step()));
      words.append(String.format(Locale.ROOT, "  eta %d:%02d", seconds / 60, seconds % 60));
    }
    if (!progress.note().isEmpty()) {
      words.append("  ").append(progress.note());
    }
    return words.toString();
  }

  private static String retry(RunSnapshot.Live live) {
    return live.attempt() > 1
        ? "  (attempt %d, %s)".formatted(live.attempt(), live.lastFailure())
        : "";
  }

  private static String steps(PipelineProgress.Stage stage) {
    return stage.lastStep() > stage.firstStep()
        ? String.format(Locale.ROOT, "%,d steps", stage.lastStep() - stage.firstStep())
        : "";
  }

  private static String line(String state, String stage, String words) {
    return " %-9s %-12s %s".formatted(state, stage, words).stripTrailing();
  }

  /** Where this view first saw a stage: what its rate is measured from. */
  private record Rate(long step, long nanos) {}
}
