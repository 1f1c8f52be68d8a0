package io.dinoflow.ops.report;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.checkpoint.Manifest;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.DatasetRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The stored facts that the report and the page read; nothing is ever written through it. Every
 * method reads what is committed now and may be called from any thread. Orders are those of {@link
 * io.dinoflow.storage.lineage.LineageStore}.
 */
public interface RunFacts {
  /** Newest first. */
  List<RunRow> runs(int limit);

  /** Newest first, from behind the given one on. */
  List<RunRow> runsAfter(Optional<RunId> seen, int limit);

  Optional<RunRow> run(RunId run);

  /** Stages begun, in the recipe's order. */
  List<StageRow> stages(RunId run);

  List<Event> events(RunId run);

  List<CheckpointRow> checkpoints(RunId run);

  /** Of all runs, newest first, from behind the given one on. */
  List<CheckpointRow> checkpointsAfter(Optional<Sha256> seen, int limit);

  List<CheckpointRow> checkpoints(TrackId track);

  /** The newest checkpoint of a run, for lists of runs. */
  default Optional<CheckpointRow> newestCheckpoint(RunId run) {
    List<CheckpointRow> all = checkpoints(run);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  List<SeriesPoint> series(TrackId track);

  List<Metric> metrics(Sha256 artifact);

  Optional<ArtifactRow> artifact(Sha256 id);

  /**
   * The artifact whose id begins so.
   *
   * @throws io.dinoflow.storage.lineage.UnknownIdException none does
   * @throws io.dinoflow.storage.lineage.AmbiguousIdException several do
   */
  ArtifactRow find(String prefix);

  Ancestry ancestry(Sha256 id, Ancestry.Direction direction, int depthMax, int nodesMax);

  /**
   * @see io.dinoflow.storage.lineage.LineageStore#ancestryPage
   */
  Ancestry ancestryPage(
      Sha256 id, Ancestry.Direction direction, int depthMax, int first, int nodesMax);

  /** Versions, newest first. */
  List<DatasetRow> datasets(int limit);

  /** Evaluations of all runs, newest first. */
  List<ArtifactRow> evaluations(int limit);

  /** By name, newest version first. */
  List<ModelVersion> models();

  /** Moves of all the model's aliases, newest first. */
  List<Promotion> promotions(String model);

  /** What retraining recorded of a schedule's firings, newest first. */
  List<Firing> firings(String schedule, int limit);

  /** The newest firing of each schedule that ever retrained, by the schedule's name. */
  List<Firing> lastFirings(int limit);

  /**
   * A checkpoint's files and what computed it; empty where its bytes were let go.
   *
   * @throws io.dinoflow.storage.blob.DamagedBlobException the stored manifest is damaged
   */
  Optional<Manifest> manifest(Sha256 checkpoint);

  /**
   * An evaluation with its pictures.
   *
   * @throws io.dinoflow.storage.blob.DamagedBlobException a stored file is damaged
   * @throws IOException the local disk failed
   * @throws IllegalArgumentException the artifact holds no report that this version can read
   */
  Measured evaluation(Sha256 id) throws IOException;
}
