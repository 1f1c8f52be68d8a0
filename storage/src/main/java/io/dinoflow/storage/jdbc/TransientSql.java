package io.dinoflow.storage.jdbc;

import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;

/**
 * Tells failures that may pass from those that will not, by SQLSTATE class: 08 connection, 40
 * rollback (deadlock, serialization), 53 resources, 57 operator (shutdown, timeout), and 55P03, a
 * lock that was not had in time.
 */
public final class TransientSql {
  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MS = 50;

  private TransientSql() {}

  /** Statements against one connection. */
  @FunctionalInterface
  public interface Work<T> {
    T run(Handle handle);
  }

  /** Whether the same work may succeed when tried again. */
  public static boolean isTransient(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLTransientException) {
        return true;
      }
      if (cause instanceof SQLException sql && sql.getSQLState() != null) {
        String state = sql.getSQLState();
        return state.startsWith("08")
            || state.startsWith("40")
            || state.startsWith("53")
            || state.startsWith("57")
            || state.equals("55P03");
      }
    }
    return false;
  }

  /** Whether the failure is the violation of a unique constraint (23505). */
  public static boolean isDuplicate(Throwable failure) {
    return hasState(failure, "23505");
  }

  /** Whether the failure is a reference to a row that is not there (23503). */
  public static boolean isMissingReference(Throwable failure) {
    return hasState(failure, "23503");
  }

  private static boolean hasState(Throwable failure, String state) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && state.equals(sql.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  static <T> T retry(Supplier<T> work) {
    for (int attempt = 1; ; attempt++) {
      try {
        return work.get();
      } catch (RuntimeException e) {
        if (!isTransient(e)) {
          throw e;
        }
        if (attempt == ATTEMPTS || Thread.currentThread().isInterrupted()) {
          throw new DatabaseUnavailableException(
              "PostgreSQL failed %d times in a row, last: %s; is it up, and is its disk full?"
                  .formatted(attempt, rootMessage(e)),
              e);
        }
        pause(attempt);
      }
    }
  }

  private static void pause(int attempt) {
    long limitMs = FIRST_PAUSE_MS << attempt;
    long millis = ThreadLocalRandom.current().nextLong(limitMs / 2, limitMs);
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage());
  }
}
