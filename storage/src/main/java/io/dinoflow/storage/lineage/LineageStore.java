package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.jdbc.Database;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

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
    return database.inTransaction(
        handle -> new RunRecords(handle).open(run, recipeName, digest, canonicalJson));
  }

  /** Records that the run waits, runs or is paused. */
  public void setRunState(RunId run, RunState state, String reason) {
    write(records -> records.setRunState(run, state, reason));
  }

  /**
   * Closes the run and raises the fence of all its tracks, so that an attempt which never heard of
   * it can commit nothing more.
   *
   * @param state DONE, FAILED or CANCELLED
   */
  public void closeRun(RunId run, RunState state, String reason) {
    if (!state.isClosed()) {
      throw new IllegalArgumentException("a run is not closed by the state " + state.word());
    }
    write(
        records -> {
          records.setRunState(run, state, reason);
          records.fenceTracks(run);
        });
  }

  /** Records that a stage runs; of a stage that ran before, only state and reuse key change. */
  public void beginStage(
      RunId run, String stage, int position, String kind, Optional<Sha256> reuseKey) {
    write(records -> records.beginStage(run, stage, position, kind, reuseKey));
  }

  /** Records that a stage was paused, runs again, failed or was cancelled. */
  public void setStageState(RunId run, String stage, RunState state, String reason) {
    write(records -> records.setStageState(run, stage, state, reason));
  }

  /** Records that a stage is done, with its result. */
  public void finishStage(RunId run, String stage, StageResult result) {
    write(records -> records.finishStage(run, stage, result));
  }

  /**
   * The newest done stage of any run with this key whose outputs can all still be read.
   *
   * @see StageRow#reuseKey
   */
  public Optional<StageRow> reusable(Sha256 reuseKey) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT s.* FROM stage s
                    WHERE s.reuse_key = :key AND s.state = 'done'
                      AND NOT EXISTS (
                        SELECT 1 FROM unnest(s.outputs) AS output (id)
                        WHERE NOT EXISTS (SELECT 1 FROM artifact a WHERE a.id = output.id)
                           OR EXISTS (SELECT 1 FROM checkpoint c
                                      WHERE c.id = output.id AND c.state <> 'COMMITTED')
                           OR EXISTS (SELECT 1 FROM artifact_file f JOIN blob b USING (sha256)
                                      WHERE f.artifact = output.id AND b.state = 'DAMAGED'))
                    ORDER BY s.finished_at DESC LIMIT 1
                    """)
                .bind("key", reuseKey.hex())
                .map(Rows.STAGE)
                .findOne());
  }

  /** Tells people something; repeated calls with the same words within a run add nothing. */
  public void record(RunId run, String stage, String kind, String text) {
    write(records -> records.eventOnce(run, stage, kind, text));
  }

  /**
   * Replaces the recipe that holds for a scope from its next segment on.
   *
   * @param cause names what led to it; the same cause again returns what it led to
   */
  public RecipeRevision revise(
      RunId run, String scope, String cause, Sha256 digest, String recipeJson, String reason) {
    return database.inTransaction(
        handle -> {
          RunRecords records = new RunRecords(handle);
          RevisionRecords revisions = new RevisionRecords(handle);
          records.lockRun(run);
          Optional<RecipeRevision> earlier = revisions.causedBy(run, scope, cause);
          if (earlier.isPresent()) {
            return earlier.get();
          }
          records.event(run, scope, "revised", reason);
          return revisions.insert(run, scope, cause, digest, recipeJson, reason);
        });
  }

  /** What a cause led to, if it was heard before. */
  public Optional<RecipeRevision> revision(RunId run, String scope, String cause) {
    return database.read(handle -> new RevisionRecords(handle).causedBy(run, scope, cause));
  }

  /** The recipe that holds for a scope, where it is not the run's own any more. */
  public Optional<RecipeRevision> newestRevision(RunId run, String scope) {
    return database.read(handle -> new RevisionRecords(handle).newest(run, scope));
  }

  /** Oldest first. */
  public List<RecipeRevision> revisions(RunId run) {
    return database.read(handle -> new RevisionRecords(handle).of(run));
  }

  public List<RunRow> runs(int limit) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM run ORDER BY created_at DESC, id LIMIT :limit")
                .bind("limit", limit)
                .map(Rows.RUN)
                .list());
  }

  /** The same list, from behind the given run on; all of it where none is given. */
  public List<RunRow> runsAfter(Optional<RunId> seen, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT r.* FROM run r LEFT JOIN run seen ON seen.id = :seen
                    WHERE CAST(:seen AS text) IS NULL OR r.created_at < seen.created_at
                       OR (r.created_at = seen.created_at AND r.id > seen.id)
                    ORDER BY r.created_at DESC, r.id LIMIT :limit
                    """)
                .bind("seen", seen.map(RunId::value))
                .bind("limit", limit)
                .map(Rows.RUN)
                .list());
  }

  public Optional<RunRow> run(RunId run) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM run WHERE id = :id")
                .bind("id", run.value())
                .map(Rows.RUN)
                .findOne());
  }

  /** In the recipe's order. */
  public List<StageRow> stages(RunId run) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM stage WHERE run = :key ORDER BY position, name")
                .bind("key", run.value())
                .map(Rows.STAGE)
                .list());
  }

  /** In the order they happened. */
  public List<Event> events(RunId run) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM event WHERE run = :key ORDER BY id")
                .bind("key", run.value())
                .map(Rows.EVENT)
                .list());
  }

  /** Of all tracks, newest first. */
  public List<CheckpointRow> checkpoints(int limit) {
    return checkpoints("ORDER BY c.created_at DESC, c.id LIMIT :key", limit);
  }

  /** The same list, from behind the given checkpoint on; all of it where none is given. */
  public List<CheckpointRow> checkpointsAfter(Optional<Sha256> seen, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT c.*, coalesce(t.head = c.id, false) AS is_head
                    FROM checkpoint c JOIN track t ON t.id = c.track
                    LEFT JOIN checkpoint seen ON seen.id = :seen
                    WHERE CAST(:seen AS text) IS NULL OR c.created_at < seen.created_at
                       OR (c.created_at = seen.created_at AND c.id > seen.id)
                    ORDER BY c.created_at DESC, c.id LIMIT :limit
                    """)
                .bind("seen", seen.map(Sha256::hex))
                .bind("limit", limit)
                .map(Rows.CHECKPOINT)
                .list());
  }

  /** Of all tracks of a run, in the order they were committed. */
  public List<CheckpointRow> checkpoints(RunId run) {
    return checkpoints("WHERE t.run = :key ORDER BY c.created_at, c.track, c.step", run.value());
  }

  /** Of one track, by step. */
  public List<CheckpointRow> checkpoints(TrackId track) {
    return checkpoints("WHERE c.track = :key ORDER BY c.step, c.created_at", track.toString());
  }

  /** One of them, whatever became of its bytes. */
  public Optional<CheckpointRow> checkpoint(Sha256 id) {
    return checkpoints("WHERE c.id = :key", id.hex()).stream().findFirst();
  }

  /**
   * The states of other tracks that the tracks of a stage begin with; empty unless the run is a
   * fork.
   */
  public List<Sha256> forkedFrom(RunId run, String stage) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT DISTINCT c.state_digest
                    FROM track t
                    JOIN checkpoint c ON c.track = t.id
                    JOIN edge e ON e.from_id = c.id AND e.kind = 'PARENT'
                    JOIN checkpoint old ON old.id = e.to_id AND old.track <> c.track
                    WHERE t.run = :run AND t.stage = :stage
                    ORDER BY 1
                    """)
                .bind("run", run.value())
                .bind("stage", stage)
                .mapTo(String.class)
                .map(Sha256::new)
                .list());
  }

  /** The thinned curves of a track, by step then name. */
  public List<SeriesPoint> series(TrackId track) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT step, name, value FROM step_metric WHERE track = :key ORDER BY step, name")
                .bind("key", track.toString())
                .map(
                    (row, context) ->
                        new SeriesPoint(
                            row.getLong("step"), row.getString("name"), row.getDouble("value")))
                .list());
  }

  /** The metrics an artifact was committed with. */
  public List<Metric> metrics(Sha256 artifact) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT name, value, standard_error FROM evaluation WHERE artifact = :key ORDER BY name")
                .bind("key", artifact.hex())
                .map(
                    (row, context) -> {
                      Optional<Double> error =
                          Optional.ofNullable(row.getObject("standard_error", Double.class));
                      return new Metric(row.getString("name"), row.getDouble("value"), error);
                    })
                .list());
  }

  /** What was made in a run, oldest first. */
  public List<ArtifactRow> artifacts(RunId run) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM artifact WHERE run = :key ORDER BY created_at, name")
                .bind("key", run.value())
                .map(Rows.ARTIFACT)
                .list());
  }

  /** Of one kind, newest first. */
  public List<ArtifactRow> artifacts(ArtifactKind kind, int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT * FROM artifact WHERE kind = :kind ORDER BY created_at DESC, id LIMIT :limit")
                .bind("kind", kind.name())
                .bind("limit", limit)
                .map(Rows.ARTIFACT)
                .list());
  }

  public Optional<ArtifactRow> artifact(Sha256 id) {
    return database.read(
        handle ->
            handle
                .createQuery("SELECT * FROM artifact WHERE id = :key")
                .bind("key", id.hex())
                .map(Rows.ARTIFACT)
                .findOne());
  }

  /**
   * The artifact whose id begins with {@code prefix} (8 digits or more are sensible).
   *
   * @throws UnknownIdException none does
   * @throws AmbiguousIdException several do
   */
  public ArtifactRow find(String prefix) {
    return database.read(
        handle -> {
          Sha256 id = IdPrefix.resolve(handle, "artifact", prefix);
          return handle
              .createQuery("SELECT * FROM artifact WHERE id = :id")
              .bind("id", id.hex())
              .map(Rows.ARTIFACT)
              .one();
        });
  }

  /** The newest version of a dataset name, source or curated. */
  public Optional<DatasetRef> newestDataset(String name) {
    return datasets("WHERE d.name = :key ORDER BY d.created_at DESC LIMIT 1", name).stream()
        .map(DatasetRow::ref)
        .findFirst();
  }

  public Optional<DatasetRef> dataset(Sha256 version) {
    return datasets("WHERE d.version = :key", version.hex()).stream()
        .map(DatasetRow::ref)
        .findFirst();
  }

  public List<DatasetRow> datasets(int limit) {
    return datasets("ORDER BY d.created_at DESC LIMIT :key", limit);
  }

  /**
   * All that {@code id} was made from, or all that was made from it.
   *
   * @param depthMax edges from {@code id}, at least 1
   * @param nodesMax nodes returned at most, nearest first
   */
  public Ancestry ancestry(Sha256 id, Ancestry.Direction direction, int depthMax, int nodesMax) {
    return database.read(
        handle -> new AncestryQuery(handle).run(id, direction, depthMax, nodesMax));
  }

  /**
   * A part of the same walk, for readers that cannot take it all at once: nodes nearest first, and
   * at one distance by id, so that pages neither overlap nor leave anything out. A page has the
   * edges that touch its nodes; the other end may be on another page. Truncated says that a further
   * page has more.
   *
   * @param first nodes left out, as earlier pages had them
   */
  public Ancestry ancestryPage(
      Sha256 id, Ancestry.Direction direction, int depthMax, int first, int nodesMax) {
    return database.read(
        handle -> new AncestryQuery(handle).page(id, direction, depthMax, first, nodesMax));
  }

  private void write(Consumer<RunRecords> records) {
    database.inTransaction(
        handle -> {
          records.accept(new RunRecords(handle));
          return true;
        });
  }

  private List<CheckpointRow> checkpoints(String condition, Object key) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT c.*, coalesce(t.head = c.id, false) AS is_head
                    FROM checkpoint c JOIN track t ON t.id = c.track
                    """
                        + condition)
                .bind("key", key)
                .map(Rows.CHECKPOINT)
                .list());
  }

  private List<DatasetRow> datasets(String condition, Object key) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    "SELECT d.*, a.kind FROM dataset d JOIN artifact a ON a.id = d.version "
                        + condition)
                .bind("key", key)
                .map(Rows.DATASET)
                .list());
  }
}
