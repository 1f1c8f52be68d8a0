package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.artifact.CanonicalJson;
import io.dinoflow.storage.blob.BlobVersion;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.lineage.EdgeDraft;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint whose content, id and edges are settled, before its rows exist.
 *
 * @param uploaded the blobs it holds, the manifest's included; empty until they are uploaded
 */
record PreparedCommit(
    Claim claim,
    CheckpointDraft draft,
    Manifest manifest,
    byte[] json,
    List<BlobVersion> uploaded) {

  static PreparedCommit of(Claim claim, CheckpointDraft draft) {
    List<EdgeDraft> edges = new ArrayList<>(draft.edges());
    claim
        .head()
        .ifPresent(
            head ->
                edges.add(
                    new EdgeDraft(
                        EdgeKind.PARENT,
                        head.id(),
                        Map.of("steps", String.valueOf(draft.step() - head.step())))));
    edges.sort(Comparator.comparing(EdgeDraft::kind).thenComparing(EdgeDraft::to));
    List<FileEntry> files =
        draft.files().stream()
            .map(FileEntry::of)
            .sorted(Comparator.comparing(FileEntry::name))
            .toList();
    Manifest manifest =
        new Manifest(
            Manifest.FORMAT,
            claim.track(),
            draft.step(),
            claim.head().map(CheckpointRef::id),
            claim.fence(),
            StateDigest.of(files),
            files,
            edges,
            draft.environment());
    return new PreparedCommit(claim, draft, manifest, CanonicalJson.bytes(manifest), List.of());
  }

  PreparedCommit withUploaded(List<BlobVersion> versions) {
    return new PreparedCommit(claim, draft, manifest, json, versions);
  }

  Sha256 id() {
    return Sha256.of(json);
  }

  CheckpointRef ref() {
    return new CheckpointRef(id(), claim.track(), draft.step(), manifest.stateDigest());
  }

  String track() {
    return claim.track().toString();
  }

  long bytes() {
    return manifest.files().stream().mapToLong(FileEntry::bytes).sum();
  }
}
