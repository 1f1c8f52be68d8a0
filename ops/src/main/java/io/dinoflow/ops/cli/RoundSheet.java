package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.storage.blob.BlobTable.Tally;
import io.dinoflow.storage.checkpoint.Housekeeping;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a round of collection let go of, or would let go of, as lines or as JSON. */
final class RoundSheet {
  private final Housekeeping.Round round;
  private final Kind kind;

  /** Whether it happened. */
  enum Kind {
    PREVIEW,
    DONE
  }

  RoundSheet(Housekeeping.Round round, Kind kind) {
    this.round = round;
    this.kind = kind;
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    for (CheckpointRef checkpoint : round.expired()) {
      lines.add(
          " %s  %s@%s  %s"
              .formatted(
                  checkpoint.id().shortForm(),
                  checkpoint.track(),
                  checkpoint.step(),
                  kind == Kind.PREVIEW ? "would expire" : "expired"));
    }
    lines.add(line("checkpoints", String.valueOf(round.expired().size()), "let go of by policy"));
    lines.add(line("blobs", words(round.blobs()), "that nothing holds"));
    if (round.left().blobs() > 0) {
      lines.add(line("left", Quantities.count(round.left().blobs()), "blobs for the next round"));
    }
    lines.add(line("orphans", words(round.orphans()), "objects that no row knows"));
    lines.add(line("uploads", String.valueOf(round.uploads()), "unfinished for a day or more"));
    lines.add(line("kept", words(round.held()), ""));
    if (kind == Kind.PREVIEW) {
      lines.add(" nothing was changed");
    }
    return lines;
  }

  private static String line(String name, String amount, String words) {
    return " %-12s %s%s".formatted(name, amount, words.isEmpty() ? "" : "  " + words);
  }

  private static String words(Tally tally) {
    return tally.blobs() == 0
        ? "0"
        : "%s (%s)".formatted(Quantities.count(tally.blobs()), Quantities.bytes(tally.bytes()));
  }

  Map<String, Object> json() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("dryRun", kind == Kind.PREVIEW);
    facts.put("expired", round.expired().stream().map(RoundSheet::json).toList());
    facts.put("blobs", round.blobs().blobs());
    facts.put("bytes", round.blobs().bytes());
    facts.put("left", round.left().blobs());
    facts.put("orphans", round.orphans().blobs());
    facts.put("orphanBytes", round.orphans().bytes());
    facts.put("uploads", round.uploads());
    facts.put("keptBlobs", round.held().blobs());
    facts.put("keptBytes", round.held().bytes());
    return facts;
  }

  private static Map<String, Object> json(CheckpointRef checkpoint) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", checkpoint.id().hex());
    facts.put("track", checkpoint.track().toString());
    facts.put("step", checkpoint.step());
    return facts;
  }
}
