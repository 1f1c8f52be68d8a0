package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.temporal.activity.ActivityInterface;
import java.util.List;

/**
 * Makes a balanced dataset out of source images. A function of (source, recipe, seed), so a second
 * run gives the same reference. Heartbeats {@link Progress} in images.
 */
@ActivityInterface
public interface CurateActivities {
  /**
   * Embeds, deduplicates, clusters, samples, retrieves, mixes, and commits a DATASET artifact with
   * a DATASET edge to its source.
   *
   * <p>Fails without retry: BadDataset.
   */
  Curated curate(CurateRequest request);

  /**
   * @param stage name of the Curate stage in the recipe
   * @param recipe digest of the run's recipe
   */
  record CurateRequest(RunId run, String stage, Sha256 recipe, DatasetRef source) {}

  /**
   * @param metrics the funnel: {@code source}, {@code deduplicated}, {@code sampled}, {@code
   *     retrieved}, {@code shards}, ...
   */
  record Curated(DatasetRef dataset, List<Metric> metrics) {
    public Curated {
      metrics = List.copyOf(metrics);
    }
  }
}
