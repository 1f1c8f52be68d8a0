package io.dinoflow.ops.cli;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.lineage.CheckpointRow;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Checkpoints as a table or as JSON. */
final class CheckpointList {
  private CheckpointList() {}

  static List<String> lines(List<CheckpointRow> rows, Instant now) {
    Table table =
        new Table()
            .left("ID")
            .left("TRACK")
            .right("STEP")
            .left("STATE")
            .right("SIZE")
            .left("PARENT")
            .left("MADE")
            .left("");
    for (CheckpointRow row : rows) {
      table.row(
          row.ref().id().shortForm(),
          row.ref().track().toString(),
          Quantities.count(row.ref().step()),
          row.state().name().toLowerCase(Locale.ROOT),
          Quantities.bytes(row.bytes()),
          row.parent().map(Sha256::shortForm).orElse("-"),
          Quantities.ago(row.createdAt(), now),
          (row.head() ? "head" : "") + (row.pinned() ? " pinned" : ""));
    }
    return table.lines();
  }

  /** Programs rely on the first seven names and their order. */
  static Map<String, Object> json(CheckpointRow row) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("id", row.ref().id().hex());
    facts.put("track", row.ref().track().toString());
    facts.put("step", row.ref().step());
    facts.put("state", row.state().name());
    facts.put("bytes", row.bytes());
    facts.put("parent", row.parent().map(Sha256::hex));
    facts.put("createdAt", row.createdAt());
    facts.put("head", row.head());
    facts.put("pinned", row.pinned());
    facts.put("fence", row.fence());
    facts.put("stateDigest", row.ref().stateDigest().hex());
    return facts;
  }
}
