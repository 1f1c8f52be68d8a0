package io.dinoflow.storage.lineage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.mapper.RowMapper;

/** How rows become records. */
final class Rows {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, String>> TEXTS = new TypeReference<>() {};

  static final RowMapper<RunRow> RUN =
      (row, context) ->
          new RunRow(
              new RunId(row.getString("id")),
              row.getString("recipe_name"),
              new Sha256(row.getString("recipe_digest")),
              row.getString("recipe_json"),
              RunState.ofWord(row.getString("state")),
              row.getString("reason"),
              row.getTimestamp("created_at").toInstant(),
              row.getTimestamp("updated_at").toInstant(),
              instant(row, "closed_at"));

  static final RowMapper<StageRow> STAGE =
      (row, context) ->
          new StageRow(
              new RunId(row.getString("run")),
              row.getString("name"),
              row.getInt("position"),
              row.getString("kind"),
              RunState.ofWord(row.getString("state")),
              row.getString("reason"),
              digest(row, "reuse_key"),
              row.getString("result"),
              digests(row, "outputs"),
              Optional.ofNullable(row.getString("reused_from")).map(RunId::new),
              instant(row, "started_at"),
              instant(row, "finished_at"));

  static final RowMapper<Event> EVENT =
      (row, context) ->
          new Event(
              new RunId(row.getString("run")),
              row.getString("stage"),
              row.getTimestamp("at").toInstant(),
              row.getString("kind"),
              row.getString("text"));

  static final RowMapper<CheckpointRow> CHECKPOINT =
      (row, context) ->
          new CheckpointRow(
              new CheckpointRef(
                  new Sha256(row.getString("id")),
                  TrackId.parse(row.getString("track")),
                  row.getLong("step"),
                  new Sha256(row.getString("state_digest"))),
              CheckpointRow.State.valueOf(row.getString("state")),
              row.getLong("fence"),
              row.getLong("bytes"),
              digest(row, "parent"),
              row.getBoolean("is_head"),
              row.getBoolean("pinned"),
              row.getTimestamp("created_at").toInstant());

  static final RowMapper<ArtifactRow> ARTIFACT =
      (row, context) ->
          new ArtifactRow(
              new ArtifactRef(
                  ArtifactKind.valueOf(row.getString("kind")), new Sha256(row.getString("id"))),
              row.getString("name"),
              Optional.ofNullable(row.getString("run")).map(RunId::new),
              Optional.ofNullable(row.getString("stage")),
              texts(row.getString("facts")),
              row.getTimestamp("created_at").toInstant());

  static final RowMapper<DatasetRow> DATASET =
      (row, context) ->
          new DatasetRow(
              new DatasetRef(
                  ArtifactKind.valueOf(row.getString("kind")),
                  row.getString("name"),
                  new Sha256(row.getString("version")),
                  row.getLong("samples")),
              row.getTimestamp("created_at").toInstant());

  private Rows() {}

  static Map<String, String> texts(String json) {
    if (json.equals("{}")) {
      return Map.of();
    }
    try {
      return JSON.readValue(json, TEXTS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("not a JSON object of texts: " + json, e);
    }
  }

  private static Optional<Instant> instant(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getTimestamp(column)).map(Timestamp::toInstant);
  }

  private static Optional<Sha256> digest(ResultSet row, String column) throws SQLException {
    return Optional.ofNullable(row.getString(column)).map(Sha256::new);
  }

  private static List<Sha256> digests(ResultSet row, String column) throws SQLException {
    Array array = row.getArray(column);
    return Arrays.stream((String[]) array.getArray()).map(Sha256::new).toList();
  }
}
