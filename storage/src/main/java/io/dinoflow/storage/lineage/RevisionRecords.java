package io.dinoflow.storage.lineage;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** Revisions of recipes, inside the caller's transaction. */
final class RevisionRecords {
  private static final RowMapper<RecipeRevision> REVISION =
      (row, context) ->
          new RecipeRevision(
              new RunId(row.getString("run")),
              row.getString("scope"),
              row.getInt("number"),
              new Sha256(row.getString("digest")),
              row.getString("recipe_json"),
              row.getString("reason"),
              row.getTimestamp("created_at").toInstant());

  private final Handle handle;

  RevisionRecords(Handle handle) {
    this.handle = handle;
  }

  Optional<RecipeRevision> newest(RunId run, String scope) {
    return handle
        .createQuery(
            """
            SELECT * FROM recipe_revision WHERE run = :run AND scope = :scope
            ORDER BY number DESC LIMIT 1
            """)
        .bind("run", run.value())
        .bind("scope", scope)
        .map(REVISION)
        .findOne();
  }

  Optional<RecipeRevision> causedBy(RunId run, String scope, String cause) {
    return handle
        .createQuery(
            "SELECT * FROM recipe_revision WHERE run = :run AND scope = :scope AND cause = :cause")
        .bind("run", run.value())
        .bind("scope", scope)
        .bind("cause", cause)
        .map(REVISION)
        .findOne();
  }

  List<RecipeRevision> of(RunId run) {
    return handle
        .createQuery("SELECT * FROM recipe_revision WHERE run = :run ORDER BY created_at, number")
        .bind("run", run.value())
        .map(REVISION)
        .list();
  }

  /** The run's row is locked by the caller, so numbers do not collide. */
  RecipeRevision insert(
      RunId run, String scope, String cause, Sha256 digest, String recipeJson, String reason) {
    return handle
        .createQuery(
            """
            INSERT INTO recipe_revision (run, scope, number, cause, digest, recipe_json, reason)
            SELECT :run, :scope, coalesce(max(number), 0) + 1, :cause, :digest, :json, :reason
            FROM recipe_revision WHERE run = :run AND scope = :scope
            RETURNING *
            """)
        .bind("run", run.value())
        .bind("scope", scope)
        .bind("cause", cause)
        .bind("digest", digest.hex())
        .bind("json", recipeJson)
        .bind("reason", reason)
        .map(REVISION)
        .one();
  }
}
