package io.dinoflow.ops.cli;

import io.dinoflow.ops.run.Pace;
import io.dinoflow.ops.run.RunSnapshot;
import io.dinoflow.workflow.activity.Progress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the activities of a run do at this moment. */
final class Activity {
  private Activity() {}

  static List<String> lines(RunSnapshot now) {
    List<String> lines = new ArrayList<>();
    now.live()
        .forEach((stage, lives) -> lives.forEach(live -> lines.add(" " + words(stage, live))));
    return lines;
  }

  private static String words(String stage, RunSnapshot.Live live) {
    StringBuilder words = new StringBuilder(live.workflowId());
    if (live.progress().isEmpty()) {
      words.append("  ").append(stage).append(" starts");
    } else {
      Progress progress = live.progress().get();
      words.append("  ").append(progress.phase());
      if (progress.untilStep() > 0) {
        words.append(
            "  %s/%s %s"
                .formatted(
                    Quantities.count(progress.step()),
                    Quantities.count(progress.untilStep()),
                    progress.unit()));
      }
      words.append(Pace.words(progress));
      progress
          .loss()
          .ifPresent(loss -> words.append(String.format(Locale.ROOT, "  loss %.3f", loss)));
      if (progress.lastCommittedStep() > 0) {
        words.append("  committed ").append(Quantities.count(progress.lastCommittedStep()));
      }
      if (!progress.note().isEmpty()) {
        words.append("  ").append(progress.note());
      }
    }
    if (live.attempt() > 1) {
      words.append("  (attempt %d, %s)".formatted(live.attempt(), live.lastFailure()));
    }
    return words.toString();
  }

  static List<Map<String, Object>> json(RunSnapshot now) {
    List<Map<String, Object>> activities = new ArrayList<>();
    now.live()
        .forEach(
            (stage, lives) ->
                lives.forEach(
                    live -> {
                      Map<String, Object> facts = new LinkedHashMap<>();
                      facts.put("stage", stage);
                      facts.put("workflowId", live.workflowId());
                      facts.put("attempt", live.attempt());
                      facts.put("lastFailure", live.lastFailure());
                      facts.put("progress", live.progress());
                      activities.add(facts);
                    }));
    return activities;
  }
}
