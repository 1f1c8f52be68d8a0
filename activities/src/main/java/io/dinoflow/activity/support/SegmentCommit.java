package io.dinoflow.activity.support;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.train.Snapshot;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.lineage.EdgeDraft;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

/**
 * Makes a state of a segment's tracks real: all of them in one commit, with what they are made
 * from.
 */
final class SegmentCommit {
  private final Workbench bench;
  private final Segment segment;
  private final Path scratch;

  SegmentCommit(Workbench bench, Segment segment, Path scratch) {
    this.bench = bench;
    this.segment = segment;
    this.scratch = scratch;
  }

  /** Writes, hashes, uploads and commits; on whatever thread. */
  SideCommit.Done commit(
      long step,
      List<Claim> owners,
      Function<Path, Map<String, Snapshot>> state,
      StepLog since,
      Map<String, Double> probe)
      throws IOException {
    Path folder = scratch.resolve("commit-" + step);
    Map<String, Snapshot> snapshots = state.apply(folder);
    List<CheckpointDraft> drafts = new ArrayList<>();
    int i = 0;
    for (String name : segment.tracks().keySet()) {
      Snapshot snapshot =
          Objects.requireNonNull(
              snapshots.get(name), () -> "the trainer wrote no snapshot of track \"" + name + "\"");
      Path logFolder = folder.resolve("log").resolve(name);
      drafts.add(draft(name, owners.get(i++), snapshot, since, logFolder, probe));
    }
    List<CheckpointRef> made = bench.checkpoints().commitTogether(owners, drafts);
    Scratch.delete(folder);
    return new SideCommit.Done(step, made, since.means(""));
  }

  private CheckpointDraft draft(
      String name,
      Claim owner,
      Snapshot snapshot,
      StepLog since,
      Path logFolder,
      Map<String, Double> probe)
      throws IOException {
    List<BlobFile> files = new ArrayList<>(snapshot.files());
    files.removeIf(f -> f.name().equals(StepLog.PART));
    files.add(since.write(logFolder, name));
    List<Metric> metrics = new ArrayList<>(since.means(name));
    StepLog.own(name, probe).forEach((n, v) -> metrics.add(Metric.of(n, v)));
    return new CheckpointDraft(
        snapshot.step(),
        files,
        edges(owner),
        metrics,
        since.thinned(name),
        bench.machine().environment(segment.recipe().compute()),
        Map.of("recipe", segment.recipeDigest().hex()));
  }

  private List<EdgeDraft> edges(Claim claim) {
    List<EdgeDraft> edges = new ArrayList<>();
    if (claim.head().isEmpty()) {
      segment.origin().ifPresent(o -> edges.add(edge(o.edge(), o.checkpoint())));
    }
    edges.add(EdgeDraft.of(EdgeKind.DATASET, segment.dataset().version()));
    segment.gramTeacher().ifPresent(g -> edges.add(edge(EdgeKind.GRAM_TEACHER, g)));
    return edges;
  }

  private static EdgeDraft edge(EdgeKind kind, CheckpointRef to) {
    return new EdgeDraft(kind, to.id(), Map.of("at_step", Long.toString(to.step())));
  }
}
