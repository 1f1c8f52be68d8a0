package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** The writes of runs, stages and events, inside the caller's transaction. */
final class RunRecords {
  private final Handle handle;

  RunRecords(Handle handle) {
    this.handle = handle;
  }

  RunOpening open(RunId run, String recipeName, Sha256 digest, String canonicalJson) {
    int inserted =
        handle
            .createUpdate(
                """
                INSERT INTO run (id, recipe_name, recipe_digest, recipe_json, state)
                VALUES (:id, :name, :digest, :json, 'running')
                ON CONFLICT (id) DO NOTHING
                """)
            .bind("id", run.value())
            .bind("name", recipeName)
            .bind("digest", digest.hex())
            .bind("json", canonicalJson)
            .execute();
    if (inserted == 1) {
      event(run, "", "opened", "recipe %s, digest %s".formatted(recipeName, digest.shortForm()));
    }
    RunRow stored =
        handle
            .createQuery("SELECT * FROM run WHERE id = :id")
            .bind("id", run.value())
            .map(Rows.RUN)
            .one();
    if (inserted == 1) {
      return new RunOpening(RunOpening.Outcome.INSERTED, stored);
    }
    return new RunOpening(
        stored.recipeDigest().equals(digest)
            ? RunOpening.Outcome.SAME
            : RunOpening.Outcome.CONFLICT,
        stored);
  }

  void setRunState(RunId run, RunState state, String reason) {
    RunState before = lockRun(run);
    handle
        .createUpdate(
            """
            UPDATE run
            SET state = :state, reason = :reason, updated_at = now(),
                closed_at = CASE WHEN :closed THEN coalesce(closed_at, now()) END
            WHERE id = :id
            """)
        .bind("state", state.word())
        .bind("reason", reason)
        .bind("closed", state.isClosed())
        .bind("id", run.value())
        .execute();
    if (before != state) {
      event(run, "", state.word(), reason);
    }
  }

  void fenceTracks(RunId run) {
    List<String> tracks =
        handle
            .createQuery("SELECT id FROM track WHERE run = :run ORDER BY id FOR UPDATE")
            .bind("run", run.value())
            .mapTo(String.class)
            .list();
    handle
        .createUpdate("UPDATE track SET fence = fence + 1 WHERE id = ANY(:tracks)")
        .bindArray("tracks", String.class, tracks)
        .execute();
  }

  RunState lockRun(RunId run) {
    return handle
        .createQuery("SELECT state FROM run WHERE id = :id FOR UPDATE")
        .bind("id", run.value())
        .mapTo(String.class)
        .findOne()
        .map(RunState::ofWord)
        .orElseThrow(() -> new UnknownIdException("run %s was never opened".formatted(run)));
  }

  void beginStage(RunId run, String stage, int position, String kind, Optional<Sha256> reuseKey) {
    lockRun(run);
    boolean first =
        handle
            .createQuery(
                """
                INSERT INTO stage AS s (run, name, position, kind, state, reuse_key, started_at)
                VALUES (:run, :name, :position, :kind, 'running', :key, now())
                ON CONFLICT (run, name) DO UPDATE
                  SET state = 'running', reason = '', reuse_key = excluded.reuse_key,
                      finished_at = NULL
                RETURNING xmax = 0
                """)
            .bind("run", run.value())
            .bind("name", stage)
            .bind("position", position)
            .bind("kind", kind)
            .bind("key", reuseKey.map(Sha256::hex))
            .mapTo(Boolean.class)
            .one();
    if (first) {
      event(run, stage, "begun", kind);
    }
  }

  void setStageState(RunId run, String stage, RunState state, String reason) {
    int changed =
        handle
            .createUpdate(
                """
                UPDATE stage
                SET state = :state, reason = :reason,
                    finished_at = CASE WHEN :closed THEN coalesce(finished_at, now()) END
                WHERE run = :run AND name = :name AND (state, reason) <> (:state, :reason)
                """)
            .bind("state", state.word())
            .bind("reason", reason)
            .bind("closed", state.isClosed())
            .bind("run", run.value())
            .bind("name", stage)
            .execute();
    if (changed == 1) {
      event(run, stage, state.word(), reason);
    }
  }

  void finishStage(RunId run, String stage, StageResult result) {
    lockRun(run);
    int finished =
        handle
            .createUpdate(
                """
                UPDATE stage
                SET state = 'done', reason = '', result = CAST(:result AS jsonb),
                    outputs = :outputs, reused_from = :from, finished_at = now(),
                    reuse_key = CASE WHEN NOT EXISTS (
                      SELECT 1 FROM recipe_revision r
                      WHERE r.run = :run AND split_part(r.scope, '/', 1) = :name) THEN reuse_key END
                WHERE run = :run AND name = :name AND state <> 'done'
                """)
            .bind("result", result.json())
            .bindArray("outputs", String.class, result.outputs().stream().map(Sha256::hex).toList())
            .bind("from", result.reusedFrom().map(RunId::value))
            .bind("run", run.value())
            .bind("name", stage)
            .execute();
    if (finished == 1) {
      event(
          run,
          stage,
          result.reusedFrom().isPresent() ? "reused" : "done",
          result.reusedFrom().map(from -> "result of run " + from).orElse(""));
    } else {
      requireStage(run, stage);
    }
  }

  private void requireStage(RunId run, String stage) {
    long begun =
        handle
            .createQuery("SELECT count(*) FROM stage WHERE run = :run AND name = :name")
            .bind("run", run.value())
            .bind("name", stage)
            .mapTo(Long.class)
            .one();
    if (begun == 0) {
      throw new UnknownIdException("stage %s of run %s was never begun".formatted(stage, run));
    }
  }

  void event(RunId run, String stage, String kind, String text) {
    handle
        .createUpdate(
            "INSERT INTO event (run, stage, kind, text) VALUES (:run, :stage, :kind, :text)")
        .bind("run", run.value())
        .bind("stage", stage)
        .bind("kind", kind)
        .bind("text", text)
        .execute();
  }

  void eventOnce(RunId run, String stage, String kind, String text) {
    lockRun(run);
    long same =
        handle
            .createQuery(
                """
                SELECT count(*) FROM event
                WHERE run = :run AND stage = :stage AND kind = :kind AND text = :text
                """)
            .bind("run", run.value())
            .bind("stage", stage)
            .bind("kind", kind)
            .bind("text", text)
            .mapTo(Long.class)
            .one();
    if (same == 0) {
      event(run, stage, kind, text);
    }
  }
}
