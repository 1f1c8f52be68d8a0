package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.jdbc.Database;
import java.util.List;
import java.util.Optional;

/**
 * Runs and stages as they go, and every question about where something came from.
 *
 * <p>Every method is one transaction, safe to repeat (an activity may run more than once) and
 * callable from any thread. Lists are newest first unless they say otherwise.
 */
public final class LineageStore {
  private final Database database;

  public LineageStore(Database database) {
    this.database = database;
  }

  /**
   * Inserts the run, or compares it with the stored one. A closed run of the same recipe stays
   * closed: {@link #setRunState} opens it again.
   */
  public RunOpening openRun(RunId run, String recipeName, Sha256 digest, String canonicalJson) {
    throw pending();
  }

  /** Records that the run waits, runs or is paused. */
  public void setRunState(RunId run, RunState state, String reason) {
    throw pending();
  }

  /**
   * Closes the run and raises the fence of all its tracks, so that an attempt which never heard of
   * it can commit nothing more.
   *
   * @param state DONE, FAILED or CANCELLED
   */
  public void closeRun(RunId run, RunState state, String reason) {
    throw pending();
  }

  /** Records that a stage runs; of a stage that ran before, only state and reuse key change. */
  public void beginStage(
      RunId run, String stage, int position, String kind, Optional<Sha256> reuseKey) {
    throw pending();
  }

  /** Records that a stage was paused, runs again, failed or was cancelled. */
  public void setStageState(RunId run, String stage, RunState state, String reason) {
    throw pending();
  }

  /** Records that a stage is done, with its result. */
  public void finishStage(RunId run, String stage, StageResult result) {
    throw pending();
  }

  /**
   * The newest done stage of any run with this key whose outputs can all still be read.
   *
   * @see StageRow#reuseKey
   */
  public Optional<StageRow> reusable(Sha256 reuseKey) {
    throw pending();
  }

  /** Tells people something; repeated calls with the same words within a run add nothing. */
  public void record(RunId run, String stage, String kind, String text) {
    throw pending();
  }

  public List<RunRow> runs(int limit) {
    throw pending();
  }

  public Optional<RunRow> run(RunId run) {
    throw pending();
  }

  /** In the recipe's order. */
  public List<StageRow> stages(RunId run) {
    throw pending();
  }

  /** In the order they happened. */
  public List<Event> events(RunId run) {
    throw pending();
  }

  /** Of all tracks, newest first. */
  public List<CheckpointRow> checkpoints(int limit) {
    throw pending();
  }

  /** Of all tracks of a run, in the order they were committed. */
  public List<CheckpointRow> checkpoints(RunId run) {
    throw pending();
  }

  /** Of one track, by step. */
  public List<CheckpointRow> checkpoints(TrackId track) {
    throw pending();
  }

  /** The thinned curves of a track, by step then name. */
  public List<SeriesPoint> series(TrackId track) {
    throw pending();
  }

  /** The metrics an artifact was committed with. */
  public List<Metric> metrics(Sha256 artifact) {
    throw pending();
  }

  /** What was made in a run, oldest first. */
  public List<ArtifactRow> artifacts(RunId run) {
    throw pending();
  }

  public Optional<ArtifactRow> artifact(Sha256 id) {
    throw pending();
  }

  /**
   * The artifact whose id begins with {@code prefix} (8 digits or more are sensible).
   *
   * @throws UnknownIdException none does
   * @throws AmbiguousIdException several do
   */
  public ArtifactRow find(String prefix) {
    throw pending();
  }

  /** The newest version of a dataset name, of either kind. */
  public Optional<DatasetRef> newestDataset(String name) {
    throw pending();
  }

  public Optional<DatasetRef> dataset(Sha256 version) {
    throw pending();
  }

  public List<DatasetRow> datasets(int limit) {
    throw pending();
  }

  /**
   * All that {@code id} was made from, or all that was made from it.
   *
   * @param depthMax edges from {@code id}, at least 1
   * @param nodesMax nodes returned at most, nearest first
   */
  public Ancestry ancestry(Sha256 id, Ancestry.Direction direction, int depthMax, int nodesMax) {
    throw pending();
  }

  private RuntimeException pending() {
    return new IllegalStateException("lands with the tables: " + database);
  }
}
