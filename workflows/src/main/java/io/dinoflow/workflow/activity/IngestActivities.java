package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.temporal.activity.ActivityInterface;
import java.util.List;

/**
 * Brings the run's source images in. Content-addressed: the same images give the same reference
 * however often it runs. Heartbeats {@link Progress} in images.
 */
@ActivityInterface
public interface IngestActivities {
  /**
   * Reads what {@code data.source} of the recipe names, quarantines what cannot be read, and
   * commits a SOURCE artifact.
   *
   * <p>Fails without retry: UnsafeArchive, BadDataset.
   */
  Ingested ingest(IngestRequest request);

  /**
   * @param stage the Curate stage that asked, for lineage and progress
   * @param recipe digest of the run's recipe
   */
  record IngestRequest(RunId run, String stage, Sha256 recipe) {}

  /**
   * @param account which source was taken and why, in a sentence
   * @param metrics counts: {@code images}, {@code quarantined}, ...
   */
  record Ingested(DatasetRef source, String account, List<Metric> metrics) {
    public Ingested {
      metrics = List.copyOf(metrics);
    }
  }
}
