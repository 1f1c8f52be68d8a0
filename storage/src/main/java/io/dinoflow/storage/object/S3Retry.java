package io.dinoflow.storage.object;

import io.micrometer.core.instrument.Metrics;
import io.minio.errors.ErrorResponseException;
import io.minio.errors.InsufficientDataException;
import io.minio.errors.InternalException;
import io.minio.errors.InvalidResponseException;
import io.minio.errors.MinioException;
import io.minio.errors.ServerException;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Tries a request again where that may help: no answer, 5xx, 429 and 409, waiting twice as long
 * each time with jitter, or as long as {@code Retry-After} asks. All else is the answer.
 */
final class S3Retry {
  private static final int ATTEMPTS = 5;
  private static final long FIRST_PAUSE_MS = 100;
  private static final long PAUSE_MAX_MS = 10_000;

  private final String where;

  /**
   * @param where endpoint and bucket, for messages
   */
  S3Retry(String where) {
    this.where = where;
  }

  /** One request. */
  @FunctionalInterface
  interface Call<T> {
    T call() throws MinioException;
  }

  <T> T run(String what, Call<T> call) {
    for (int attempt = 1; ; attempt++) {
      try {
        return call.call();
      } catch (MinioException e) {
        int status = statusOf(e);
        if (status == 404 && !codeOf(e).equals("NoSuchBucket")) {
          throw new ObjectMissingException(what.substring(what.indexOf(' ') + 1));
        }
        if (!mayPass(e, status)) {
          throw new IllegalStateException(
              "cannot %s at %s: %s; check endpoint, bucket and credentials"
                  .formatted(what, where, e.getMessage()),
              e);
        }
        pauseOrGiveUp(what, attempt, e);
      } catch (RuntimeException e) {
        // the client wraps what befalls its own threads, such as a refused connection, unchecked
        if (!hasCause(e, IOException.class)) {
          throw e;
        }
        pauseOrGiveUp(what, attempt, e);
      }
    }
  }

  private void pauseOrGiveUp(String what, int attempt, Exception e) {
    if (attempt == ATTEMPTS || Thread.currentThread().isInterrupted()) {
      throw new StoreUnavailableException(
          "cannot %s at %s after %d attempts: %s; is the object store up?"
              .formatted(what, where, attempt, e.getMessage()),
          e);
    }
    Metrics.counter("dinoflow.storage.retries").increment();
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(pauseMs(e, attempt)));
  }

  private static boolean mayPass(MinioException e, int status) {
    if (status > 0) {
      return status >= 500 || status == 429 || status == 409 || status == 408;
    }
    return e instanceof InternalException
        || e instanceof InsufficientDataException
        || e instanceof InvalidResponseException
        || hasCause(e, IOException.class);
  }

  private static boolean hasCause(Throwable e, Class<? extends Throwable> type) {
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (type.isInstance(cause)) {
        return true;
      }
    }
    return false;
  }

  private static long pauseMs(Exception e, int attempt) {
    long limit = FIRST_PAUSE_MS << attempt;
    long pause = ThreadLocalRandom.current().nextLong(limit / 2, limit);
    if (e instanceof ErrorResponseException answered) {
      String asked = answered.response().header("Retry-After", "");
      if (asked != null && asked.matches("\\d{1,4}")) {
        pause = Math.max(pause, TimeUnit.SECONDS.toMillis(Long.parseLong(asked)));
      }
    }
    return Math.min(pause, PAUSE_MAX_MS);
  }

  /** The HTTP status of the answer, or 0 where there was none. */
  static int statusOf(MinioException e) {
    if (e instanceof ErrorResponseException answered) {
      return answered.response().code();
    }
    return e instanceof ServerException server ? server.statusCode() : 0;
  }

  /** The S3 error code of the answer, or empty. */
  static String codeOf(MinioException e) {
    return e instanceof ErrorResponseException answered
        ? String.valueOf(answered.errorResponse().code())
        : "";
  }
}
