package io.dinoflow.workflow.impl;

import io.dinoflow.workflow.activity.StageResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A stage's result in a few words, for the Temporal Web UI. */
final class Summaries {
  private Summaries() {}

  static String of(StageResult result) {
    List<String> words = new ArrayList<>();
    result.dataset().ifPresent(d -> words.add("%s, %,d samples".formatted(d.name(), d.samples())));
    result
        .checkpoints()
        .forEach(
            c ->
                words.add(
                    "%s step %s (%s)"
                        .formatted(
                            c.track().student().orElse("checkpoint"),
                            SegmentLoop.grouped(c.step()),
                            c.id().shortForm())));
    result.evaluation().ifPresent(e -> words.add("report " + e.id().shortForm()));
    result.metrics().stream()
        .filter(m -> m.name().endsWith("knn10.top1") || m.name().equals("total_loss"))
        .limit(3)
        .forEach(m -> words.add(String.format(Locale.ROOT, "%s %.3f", m.name(), m.value())));
    result.reusedFrom().ifPresent(run -> words.add("reused from " + run));
    return String.join(", ", words);
  }
}
