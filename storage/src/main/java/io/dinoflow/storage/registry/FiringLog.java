package io.dinoflow.storage.registry;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.artifact.CanonicalJson;
import io.dinoflow.storage.jdbc.Database;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.mapper.RowMapper;
import org.jdbi.v3.core.statement.Query;

/**
 * What the firings of retraining schedules decided. Writing is safe to repeat: a firing has one
 * row, which says the newest decision. Callable from any thread.
 */
public final class FiringLog {
  private static final RowMapper<Firing> FIRING =
      (row, context) ->
          new Firing(
              row.getString("workflow"),
              row.getString("schedule"),
              row.getTimestamp("fired_at").toInstant(),
              new RunId(row.getString("run")),
              Firing.Outcome.ofWord(row.getString("outcome")),
              row.getString("reason"),
              Optional.ofNullable(row.getString("question")).map(Sha256::new),
              RegistryRows.numbers(row.getString("numbers")),
              Optional.of(row.getTimestamp("begun_at").toInstant()));

  private final Database database;

  public FiringLog(Database database) {
    this.database = database;
  }

  /** The firing's newest state; what it knew before about question and numbers stays. */
  public void record(Firing firing) {
    database.inTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    INSERT INTO firing (workflow, schedule, fired_at, run, outcome, reason, question, numbers)
                    VALUES (:workflow, :schedule, :at, :run, :outcome, :reason, :question,
                            CAST(:numbers AS jsonb))
                    ON CONFLICT (workflow) DO UPDATE
                      SET outcome = excluded.outcome, reason = excluded.reason,
                          question = coalesce(excluded.question, firing.question),
                          numbers = firing.numbers || excluded.numbers, updated_at = now()
                    """)
                .bind("workflow", firing.workflow())
                .bind("schedule", firing.schedule())
                .bind("at", firing.firedAt())
                .bind("run", firing.run().value())
                .bind("outcome", firing.outcome().word())
                .bind("reason", firing.reason())
                .bind("question", firing.question().map(Sha256::hex))
                .bind("numbers", CanonicalJson.text(new TreeMap<>(firing.numbers())))
                .execute());
  }

  /** Of a schedule, newest first. */
  public List<Firing> of(String schedule, int limit) {
    return list(
        "WHERE schedule = :key ORDER BY fired_at DESC LIMIT " + Math.max(1, limit), schedule);
  }

  /** The newest of each schedule, by the schedule's name. */
  public List<Firing> last(int limit) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT DISTINCT ON (schedule) * FROM firing
                    ORDER BY schedule, fired_at DESC LIMIT :limit
                    """)
                .bind("limit", limit)
                .map(FIRING)
                .list());
  }

  /** The firing that started a run. */
  public Optional<Firing> startedBy(RunId run) {
    return list("WHERE run = :key ORDER BY fired_at DESC LIMIT 1", run.value()).stream()
        .findFirst();
  }

  public Optional<Firing> find(String workflow) {
    return list("WHERE workflow = :key", workflow).stream().findFirst();
  }

  /** The newest firing of the schedule that judged a challenger on the same question. */
  public Optional<Firing> judged(String schedule, Sha256 question) {
    return database.read(
        handle ->
            handle
                .createQuery(
                    """
                    SELECT * FROM firing
                    WHERE schedule = :schedule AND question = :question
                      AND outcome IN ('promoted', 'refused', 'rejected')
                    ORDER BY fired_at DESC LIMIT 1
                    """)
                .bind("schedule", schedule)
                .bind("question", question.hex())
                .map(FIRING)
                .findOne());
  }

  private List<Firing> list(String condition, String key) {
    return database.read(
        handle -> {
          Query query = handle.createQuery("SELECT * FROM firing " + condition);
          return query.bind("key", key).map(FIRING).list();
        });
  }
}
