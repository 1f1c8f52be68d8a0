package io.dinoflow.ops.cli;

import io.dinoflow.activity.support.Profiles;
import io.dinoflow.activity.support.StepProfile;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A profile of steps as {@code show} and the end of a followed run print it. */
final class ProfileSheet {
  private static final double NANOS_A_MILLI = 1e6;
  private static final double PERCENT = 100;

  private ProfileSheet() {}

  static List<String> lines(Profiles.Stored stored) {
    StepProfile profile = stored.profile();
    List<Long> steps = profile.steps();
    List<String> lines = new ArrayList<>();
    if (!steps.isEmpty()) {
      lines.add(
          "profile of %s, steps %s to %s"
              .formatted(
                  profile.scope(),
                  Quantities.count(steps.get(0)),
                  Quantities.count(steps.get(steps.size() - 1))));
    }
    Table table = new Table().left("PHASE").right("TOTAL MS").right("MS A STEP").right("SHARE");
    for (StepProfile.Part part : profile.parts()) {
      table.row(
          part.phase(),
          "%.1f".formatted(milliseconds(part.totalNanos())),
          "%.1f".formatted(milliseconds(part.medianNanos())),
          "%.1f %%".formatted(part.share() * PERCENT));
    }
    lines.addAll(table.lines());
    lines.add(" trace for https://ui.perfetto.dev or chrome://tracing: " + stored.file());
    return lines;
  }

  static Map<String, Object> json(Profiles.Stored stored) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("scope", stored.profile().scope());
    facts.put("file", stored.file().toString());
    facts.put("steps", stored.profile().steps());
    facts.put("parts", stored.profile().parts().stream().map(ProfileSheet::part).toList());
    return facts;
  }

  private static Map<String, Object> part(StepProfile.Part part) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("phase", part.phase());
    facts.put("totalMilliseconds", milliseconds(part.totalNanos()));
    facts.put("medianMilliseconds", milliseconds(part.medianNanos()));
    facts.put("share", part.share());
    return facts;
  }

  private static double milliseconds(long nanos) {
    return nanos / NANOS_A_MILLI;
  }
}
