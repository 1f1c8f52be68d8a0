package io.dinoflow.storage.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.artifact.CanonicalJson;
import io.dinoflow.storage.lineage.UnknownIdException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.mapper.RowMapper;

/** Reads and writes of the registry, inside the caller's transaction. */
final class RegistryRows {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final TypeReference<Map<String, Double>> NUMBERS = new TypeReference<>() {};
  private static final String VERSIONS =
      """
      SELECT v.*, c.track, c.step, c.state_digest,
             coalesce((SELECT array_agg(a.alias ORDER BY a.alias) FROM model_alias a
                       WHERE a.model = v.model AND a.version = v.version), '{}') AS aliases
      FROM model_version v JOIN checkpoint c ON c.id = v.checkpoint
      """;

  private static final RowMapper<ModelVersion> VERSION =
      (row, context) ->
          new ModelVersion(
              row.getString("model"),
              row.getInt("version"),
              new CheckpointRef(
                  new Sha256(row.getString("checkpoint")),
                  TrackId.parse(row.getString("track")),
                  row.getLong("step"),
                  new Sha256(row.getString("state_digest"))),
              Optional.ofNullable(row.getString("evaluation")).map(Sha256::new),
              List.of((String[]) row.getArray("aliases").getArray()),
              row.getTimestamp("registered_at").toInstant());

  private static final RowMapper<Promotion> PROMOTION =
      (row, context) ->
          new Promotion(
              row.getString("model"),
              row.getString("alias"),
              Promotion.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
              row.getInt("version"),
              Optional.ofNullable(row.getObject("replaced", Integer.class)),
              new Promotion.Decision(
                  row.getString("who"), row.getString("why"), numbers(row.getString("numbers"))),
              row.getTimestamp("at").toInstant());

  private final Handle handle;

  RegistryRows(Handle handle) {
    this.handle = handle;
  }

  static Map<String, Double> numbers(String json) {
    try {
      return JSON.readValue(json, NUMBERS);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers of a promotion are no JSON of numbers: " + json, e);
    }
  }

  ModelVersion register(String model, Sha256 checkpoint, Optional<Sha256> evaluation) {
    lock(model);
    requireCheckpoint(checkpoint);
    handle
        .createUpdate(
            """
            INSERT INTO model_version (model, version, checkpoint, evaluation)
            SELECT :model, coalesce(max(version), 0) + 1, :checkpoint, :evaluation
            FROM model_version WHERE model = :model
            ON CONFLICT (model, checkpoint) DO UPDATE
              SET evaluation = coalesce(model_version.evaluation, excluded.evaluation)
            """)
        .bind("model", model)
        .bind("checkpoint", checkpoint.hex())
        .bind("evaluation", evaluation.map(Sha256::hex))
        .execute();
    return versions(model).stream()
        .filter(v -> v.checkpoint().id().equals(checkpoint))
        .findFirst()
        .orElseThrow();
  }

  /** Numbers and aliases of a model are given out one after the other. */
  private void lock(String model) {
    handle
        .createQuery("SELECT pg_advisory_xact_lock(hashtextextended('model ' || :model, 0))")
        .bind("model", model)
        .mapToMap()
        .list();
  }

  private void requireCheckpoint(Sha256 id) {
    boolean known =
        handle
            .createQuery("SELECT count(*) > 0 FROM checkpoint WHERE id = :id")
            .bind("id", id.hex())
            .mapTo(Boolean.class)
            .one();
    if (!known) {
      throw new UnknownIdException("no checkpoint has the id " + id);
    }
  }

  Optional<Promotion> promote(
      String model, int version, String alias, Promotion.Decision decision) {
    lock(model);
    List<ModelVersion> versions = versions(model);
    if (versions.stream().noneMatch(v -> v.version() == version)) {
      throw new UnknownIdException(
          "model %s has no version %d; it has %s"
              .formatted(model, version, versions.stream().map(ModelVersion::version).toList()));
    }
    Optional<Integer> now = pointsAt(model, alias);
    return now.equals(Optional.of(version))
        ? Optional.empty()
        : Optional.of(move(model, alias, Promotion.Kind.PROMOTED, version, now, decision));
  }

  Promotion rollback(String model, String alias, Promotion.Decision decision) {
    lock(model);
    Deque<Integer> served = new ArrayDeque<>();
    List<Promotion> history = history(model).stream().filter(p -> p.alias().equals(alias)).toList();
    for (int i = history.size() - 1; i >= 0; i--) {
      if (history.get(i).kind() == Promotion.Kind.PROMOTED) {
        served.push(history.get(i).version());
      } else {
        served.pop();
      }
    }
    if (served.size() < 2) {
      throw new NothingBeforeException(
          served.isEmpty()
              ? "model %s has no alias %s".formatted(model, alias)
              : "%s of model %s never pointed at anything but version %d"
                  .formatted(alias, model, served.peek()));
    }
    int from = served.pop();
    return move(
        model, alias, Promotion.Kind.ROLLED_BACK, served.peek(), Optional.of(from), decision);
  }

  private Optional<Integer> pointsAt(String model, String alias) {
    return handle
        .createQuery("SELECT version FROM model_alias WHERE model = :model AND alias = :alias")
        .bind("model", model)
        .bind("alias", alias)
        .mapTo(Integer.class)
        .findOne();
  }

  private Promotion move(
      String model,
      String alias,
      Promotion.Kind kind,
      int version,
      Optional<Integer> replaced,
      Promotion.Decision decision) {
    handle
        .createUpdate(
            """
            INSERT INTO model_alias (model, alias, version) VALUES (:model, :alias, :version)
            ON CONFLICT (model, alias) DO UPDATE SET version = excluded.version
            """)
        .bind("model", model)
        .bind("alias", alias)
        .bind("version", version)
        .execute();
    return handle
        .createQuery(
            """
            INSERT INTO promotion (model, alias, kind, version, replaced, who, why, numbers)
            VALUES (:model, :alias, :kind, :version, :replaced, :who, :why, CAST(:numbers AS jsonb))
            RETURNING *
            """)
        .bind("model", model)
        .bind("alias", alias)
        .bind("kind", kind.name().toLowerCase(Locale.ROOT))
        .bind("version", version)
        .bind("replaced", replaced)
        .bind("who", decision.who())
        .bind("why", decision.why())
        .bind("numbers", CanonicalJson.text(new TreeMap<>(decision.numbers())))
        .map(PROMOTION)
        .one();
  }

  List<ModelVersion> versions() {
    return handle.createQuery(VERSIONS + "ORDER BY v.model, v.version DESC").map(VERSION).list();
  }

  List<ModelVersion> versions(String model) {
    return handle
        .createQuery(VERSIONS + "WHERE v.model = :model ORDER BY v.version DESC")
        .bind("model", model)
        .map(VERSION)
        .list();
  }

  List<Promotion> history(String model) {
    return handle
        .createQuery("SELECT * FROM promotion WHERE model = :model ORDER BY id DESC")
        .bind("model", model)
        .map(PROMOTION)
        .list();
  }
}
