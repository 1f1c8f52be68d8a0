package io.dinoflow.workflow.activity;

import io.dinoflow.model.artifact.DatasetRef;
import io.temporal.activity.ActivityInterface;
import java.util.Optional;

/**
 * Brings in what a dataset holds beyond what a model was trained on. Content-addressed: the same
 * pictures give the same reference however often it runs. Heartbeats {@link Progress} in images.
 */
@ActivityInterface
public interface GatherActivities {
  /**
   * Compares by the content of pictures. Where enough are new, commits the union of both as a
   * SOURCE artifact: the shards of {@code base} as they are, then shards of what is new.
   *
   * <p>Fails without retry: UnsafeArchive, BadDataset.
   */
  Gathered gather(GatherRequest request);

  /**
   * @param source a folder, a tar, a named set or {@code dataset:NAME}
   * @param base what the model was trained on; empty where there is no model yet
   * @param newSamplesMin fewer new ones commit nothing
   * @param shardBytes size at which a new shard is closed
   */
  record GatherRequest(
      String source, Optional<DatasetRef> base, long newSamplesMin, long shardBytes) {}

  /**
   * @param account what was looked at, in half a sentence
   * @param present readable pictures that the source holds now
   * @param fresh those of them that the base has not
   * @param gone pictures of the base that the source no longer holds; the union keeps them
   * @param union empty where too few are new
   * @param shardsKept of the base
   * @param shardsAdded with what is new
   */
  record Gathered(
      String account,
      long present,
      long fresh,
      long gone,
      long quarantined,
      Optional<DatasetRef> union,
      int shardsKept,
      int shardsAdded) {}
}
