package io.dinoflow.storage.checkpoint;

import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.storage.lineage.EdgeDraft;
import io.dinoflow.storage.lineage.SeriesPoint;
import java.util.List;
import java.util.Map;

/**
 * A checkpoint about to be committed.
 *
 * @param step steps behind the state; above the head's
 * @param files finished local files; the {@code *.safetensors} define the state digest
 * @param edges all but PARENT, which the store adds itself
 * @param metrics measured at this step, such as probes
 * @param series points of the thinned curves since the parent
 * @param facts what people may ask about it, such as the digest of the recipe it was trained by
 */
public record CheckpointDraft(
    long step,
    List<BlobFile> files,
    List<EdgeDraft> edges,
    List<Metric> metrics,
    List<SeriesPoint> series,
    Environment environment,
    Map<String, String> facts) {

  public CheckpointDraft {
    files = List.copyOf(files);
    edges = List.copyOf(edges);
    metrics = List.copyOf(metrics);
    series = List.copyOf(series);
    facts = Map.copyOf(facts);
  }

  public CheckpointDraft(
      long step,
      List<BlobFile> files,
      List<EdgeDraft> edges,
      List<Metric> metrics,
      Environment environment) {
    this(step, files, edges, metrics, List.of(), environment, Map.of());
  }
}
