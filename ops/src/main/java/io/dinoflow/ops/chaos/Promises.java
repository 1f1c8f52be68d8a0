package io.dinoflow.ops.chaos;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.ops.Services;
import io.dinoflow.storage.checkpoint.Audit;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.StageRow;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The four promises, looked for when all runs have ended: what was committed is there and whole;
 * what was made equals what an undisturbed run makes; no step was committed twice; lineage and
 * storage name each other and nothing else.
 */
final class Promises {
  private final Services services;
  private final LineageStore lineage;
  private final Audit audit;
  private final List<String> findings = new ArrayList<>();

  Promises(Services services) {
    this.services = services;
    this.lineage = services.lineage();
    this.audit = new Audit(services.database(), services.objects());
  }

  /** What was found broken; nothing, if all was kept. */
  List<String> findings() {
    return List.copyOf(findings);
  }

  /** No committed checkpoint is lost, changed or half visible. */
  void nothingLost(Map<Sha256, CheckpointRow> seen, Set<Sha256> blobs, Set<Sha256> heads) {
    Map<Sha256, CheckpointRow> now = new HashMap<>();
    lineage.checkpoints(Integer.MAX_VALUE).forEach(row -> now.put(row.ref().id(), row));
    seen.forEach(
        (id, then) -> {
          CheckpointRow row = now.get(id);
          if (row == null) {
            findings.add("lost: " + place(then) + " was committed and is gone");
          } else if (!row.ref().equals(then.ref())
              || row.fence() != then.fence()
              || !row.parent().equals(then.parent())) {
            findings.add("changed: %s was %s and is %s".formatted(place(then), then, row));
          }
        });
    now.values().stream()
        .filter(row -> row.state() == CheckpointRow.State.CORRUPT)
        .filter(row -> !heads.contains(row.ref().id()))
        .forEach(row -> findings.add("lost: " + place(row) + " is CORRUPT, and nobody harmed it"));
    heads.forEach(id -> replaced(id, now));
    audit.damages().entrySet().stream()
        .filter(damage -> !blobs.contains(damage.getKey()))
        .forEach(damage -> findings.add("changed: " + damage.getValue()));
  }

  /** A head that was harmed must have been noticed, and its state made again. */
  private void replaced(Sha256 id, Map<Sha256, CheckpointRow> now) {
    CheckpointRow harmed = now.get(id);
    if (harmed == null) {
      return;
    }
    if (harmed.state() != CheckpointRow.State.CORRUPT) {
      findings.add("unnoticed: %s was harmed and is %s".formatted(place(harmed), harmed.state()));
      return;
    }
    boolean again =
        now.values().stream()
            .filter(row -> row.state() == CheckpointRow.State.COMMITTED)
            .anyMatch(
                row ->
                    row.ref().track().equals(harmed.ref().track())
                        && row.ref().step() == harmed.ref().step()
                        && row.ref().stateDigest().equals(harmed.ref().stateDigest()));
    boolean planned =
        now.values().stream()
            .anyMatch(
                row ->
                    row.ref().track().equals(harmed.ref().track())
                        && row.ref().step() == harmed.ref().step()
                        && row.state() == CheckpointRow.State.COMMITTED);
    if (planned && !again) {
      findings.add("changed: " + place(harmed) + " was made again with another state");
    }
  }

  /** Every run made what the undisturbed one made, and really made it. */
  void sameAsTwin(Twin twin, List<RunId> runs) {
    for (RunId run : runs) {
      twin.differences(Twin.of(run, services))
          .forEach(difference -> findings.add("differs: %s: %s".formatted(run, difference)));
      lineage.stages(run).stream()
          .filter(stage -> stage.reusedFrom().isPresent())
          .map(StageRow::name)
          .forEach(name -> findings.add("not run: %s/%s was reused".formatted(run, name)));
    }
  }

  /** No two workers committed the same step. */
  void oneOwner() {
    audit.chains().forEach(text -> findings.add("two owners: " + text));
  }

  /**
   * Lineage names only what was committed, and after one collection nothing else is stored.
   *
   * @return blobs that were collected
   */
  long nothingUnnamed() {
    audit.lineage().forEach(text -> findings.add("lineage: " + text));
    audit.endLeases();
    long collected = Sweep.all(services);
    audit.unnamed().forEach(key -> findings.add("left over: nothing names " + key));
    return collected;
  }

  /** Attempts that were followed by another on the same track: their fences were overtaken. */
  int attemptsThatDied() {
    Map<String, Long> fences = new TreeMap<>();
    lineage
        .checkpoints(Integer.MAX_VALUE)
        .forEach(c -> fences.merge(c.ref().track().toString(), c.fence(), Math::max));
    return fences.values().stream().mapToInt(fence -> (int) (fence - 1)).sum();
  }

  private static String place(CheckpointRow row) {
    return "%s@%d (%s)".formatted(row.ref().track(), row.ref().step(), row.ref().id().shortForm());
  }
}
