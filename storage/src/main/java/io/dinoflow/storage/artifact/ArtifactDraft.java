package io.dinoflow.storage.artifact;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.storage.lineage.EdgeDraft;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An artifact about to be committed.
 *
 * @param kind any but CHECKPOINT
 * @param name a dataset's name, an evaluation's {@code run/stage}
 * @param madeBy not part of the artifact's identity: the same content made twice is one artifact
 * @param files finished local files
 * @param facts short and deterministic; a SOURCE or DATASET must have {@value #SAMPLES}
 * @param metrics an evaluation's numbers
 */
public record ArtifactDraft(
    ArtifactKind kind,
    String name,
    Optional<MadeBy> madeBy,
    List<BlobFile> files,
    Map<String, String> facts,
    List<EdgeDraft> edges,
    List<Metric> metrics) {

  /** The fact that counts a dataset's samples. */
  public static final String SAMPLES = "samples";

  /** The stage that made it. */
  public record MadeBy(RunId run, String stage) {}

  public ArtifactDraft {
    files = List.copyOf(files);
    facts = Map.copyOf(facts);
    edges = List.copyOf(edges);
    metrics = List.copyOf(metrics);
    boolean dataset = kind == ArtifactKind.SOURCE || kind == ArtifactKind.DATASET;
    if (dataset && !facts.getOrDefault(SAMPLES, "").matches("\\d{1,18}")) {
      throw new IllegalArgumentException(
          "%s \"%s\" needs the fact \"%s\", a count; it has %s"
              .formatted(kind, name, SAMPLES, facts));
    }
    if (kind == ArtifactKind.CHECKPOINT) {
      throw new IllegalArgumentException(
          "checkpoints are committed by CheckpointStore, under a claim");
    }
  }
}
