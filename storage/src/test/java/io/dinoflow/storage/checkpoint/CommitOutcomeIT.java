package io.dinoflow.storage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.jdbc.Database;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.object.InMemoryObjectStore;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.storage.testing.TestServers;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fault 4 of the matrix: the answer to a COMMIT is lost. Yes, no, and not known. */
class CommitOutcomeIT {
  private static final RunId RUN = new RunId("run");
  private static final TrackId TRACK = TrackId.of(RUN, "pretrain");

  @TempDir Path folder;
  private Database database;
  private LossyPool pool;
  private CheckpointStore lossy;
  private CheckpointStore sound;

  @BeforeEach
  void openRun() {
    database = TestServers.database();
    new LineageStore(database).openRun(RUN, "demo", Sha256.ofText("recipe"), "{}");
    InMemoryObjectStore objects = new InMemoryObjectStore();
    pool = new LossyPool(database.dataSource());
    lossy = new CheckpointStore(Database.over(pool.source()), objects);
    sound = new CheckpointStore(database, objects);
  }

  @AfterEach
  void close() {
    database.close();
  }

  @Test
  void findsACommitWhoseAnswerWasLostByReadingAgain() {
    Claim claim = lossy.claim(TRACK, "owner");
    pool.loseAnswers(checkpointsCommitted(), 1);

    CheckpointRef made = lossy.commit(claim, draft(10));

    assertThat(pool.lost()).isEqualTo(1);
    assertThat(sound.head(TRACK)).contains(made);
    assertThat(new LineageStore(database).checkpoints(TRACK)).hasSize(1);
    assertThat(sound.commit(claim.after(made), draft(20)).step()).isEqualTo(20);
  }

  @Test
  void commitsAgainWhatNeverReachedTheServer() {
    Claim claim = lossy.claim(TRACK, "owner");
    pool.loseRequests(checkpointsCommitted(), 2);

    CheckpointRef made = lossy.commit(claim, draft(10));

    assertThat(pool.lost()).isEqualTo(2);
    assertThat(sound.head(TRACK)).contains(made);
    assertThat(new LineageStore(database).checkpoints(TRACK)).hasSize(1);
  }

  @Test
  void saysThatItIsNotKnownWhereNobodyAnswersAnyMore() {
    Claim claim = lossy.claim(TRACK, "owner");
    pool.loseAnswers(checkpointsCommitted(), 1);
    pool.fallSilentThen();

    assertThatThrownBy(() -> lossy.commit(claim, draft(10)))
        .isInstanceOf(CommitUnknownException.class)
        .hasRootCauseInstanceOf(SQLException.class)
        .hasMessageContaining("step 10");
    // whoever comes next reads what is committed, and this was
    Claim next = sound.claim(TRACK, "next");
    assertThat(next.head()).map(CheckpointRef::step).contains(10L);
  }

  @Test
  void saysThatItIsNotKnownWhereNothingWasCommittedEither() {
    Claim claim = lossy.claim(TRACK, "owner");
    pool.loseRequests(checkpointsCommitted(), Integer.MAX_VALUE);

    assertThatThrownBy(() -> lossy.commit(claim, draft(10)))
        .isInstanceOf(CommitUnknownException.class);
    assertThat(sound.claim(TRACK, "next").head()).isEmpty();
    assertThat(new LineageStore(database).checkpoints(TRACK)).isEmpty();
  }

  @Test
  void losesNothingButTheAnswerOfAnAnnouncement() {
    Claim claim = lossy.claim(TRACK, "owner");
    pool.loseAnswers(connection -> true, 3);
    assertThat(lossy.commit(claim, draft(10))).isEqualTo(sound.head(TRACK).orElseThrow());

    pool.loseAnswers(connection -> true, Integer.MAX_VALUE);
    assertThatThrownBy(() -> lossy.claim(TRACK, "nobody"))
        .isInstanceOf(DatabaseUnavailableException.class);
  }

  private CheckpointDraft draft(long step) {
    return new CheckpointDraft(
        step,
        List.of(Blobs.text(folder, "teacher.safetensors", "teacher " + step)),
        List.of(),
        List.of(),
        new Environment("none", "kernels", 1, "cpu", "none", "test"));
  }

  /** The transaction at hand has inserted a checkpoint. */
  private static Question checkpointsCommitted() {
    return connection -> {
      try (var statement = connection.createStatement();
          var rows =
              statement.executeQuery(
                  "SELECT count(*) FROM checkpoint WHERE xmin::text::bigint = txid_current() % 4294967296")) {
        return rows.next() && rows.getLong(1) > 0;
      }
    };
  }

  /** Whether this is the transaction to harm. */
  private interface Question {
    boolean ask(Connection connection) throws SQLException;
  }

  /** A pool whose connections break at COMMIT, before or after the server has done it. */
  private static final class LossyPool {
    private final DataSource inner;
    private volatile Question when = connection -> false;
    private volatile boolean afterwards;
    private volatile boolean silentThen;
    private final AtomicInteger left = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();

    LossyPool(DataSource inner) {
      this.inner = inner;
    }

    void loseAnswers(Question question, int times) {
      set(question, true, times);
    }

    void loseRequests(Question question, int times) {
      set(question, false, times);
    }

    private void set(Question question, boolean after, int times) {
      when = question;
      afterwards = after;
      left.set(times);
    }

    /** Once something was lost, no connection is to be had any more. */
    void fallSilentThen() {
      silentThen = true;
    }

    int lost() {
      return lost.get();
    }

    DataSource source() {
      return (DataSource)
          Proxy.newProxyInstance(
              LossyPool.class.getClassLoader(),
              new Class<?>[] {DataSource.class},
              (proxy, method, arguments) -> {
                if (silentThen && lost.get() > 0) {
                  throw new SQLException("nobody answers", "08001");
                }
                Object result = invoke(inner, method, arguments);
                return result instanceof Connection connection ? lossy(connection) : result;
              });
    }

    private Connection lossy(Connection connection) {
      return (Connection)
          Proxy.newProxyInstance(
              LossyPool.class.getClassLoader(),
              new Class<?>[] {Connection.class},
              (proxy, method, arguments) -> {
                boolean harmed =
                    method.getName().equals("commit") && left.get() > 0 && when.ask(connection);
                if (!harmed) {
                  return invoke(connection, method, arguments);
                }
                left.decrementAndGet();
                lost.incrementAndGet();
                if (afterwards) {
                  connection.commit();
                } else {
                  connection.rollback();
                }
                throw new SQLException("the connection broke at COMMIT", "08006");
              });
    }

    private static Object invoke(Object target, java.lang.reflect.Method method, Object[] arguments)
        throws Throwable {
      try {
        return method.invoke(target, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }
  }
}
