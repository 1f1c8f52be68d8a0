package io.dinoflow.storage.artifact;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.lineage.EdgeDraft;
import java.util.List;
import java.util.Map;

/** What an artifact consists of; the digest of its canonical JSON is the artifact's id. */
public record ArtifactManifest(
    String format,
    ArtifactKind kind,
    String name,
    List<FileEntry> files,
    Map<String, String> facts,
    List<EdgeDraft> edges) {
  public static final String FORMAT = "dinoflow.artifact/1";

  public ArtifactManifest {
    files = List.copyOf(files);
    facts = Map.copyOf(facts);
    edges = List.copyOf(edges);
  }
}
