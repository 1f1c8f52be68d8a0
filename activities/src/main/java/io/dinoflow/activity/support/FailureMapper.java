package io.dinoflow.activity.support;

import io.dinoflow.model.data.UnusableDatasetException;
import io.dinoflow.model.train.DivergedException;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.checkpoint.CommitUnknownException;
import io.dinoflow.storage.checkpoint.FencedException;
import io.dinoflow.storage.checkpoint.StaleStepException;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.dinoflow.workflow.Failures;
import io.temporal.client.ActivityCompletionException;
import io.temporal.failure.ApplicationErrorCategory;
import io.temporal.failure.ApplicationFailure;
import io.temporal.failure.TemporalFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place that says whether an exception is worth another attempt. */
public final class FailureMapper {
  private static final Logger LOG = LoggerFactory.getLogger(FailureMapper.class);
  private static final int MESSAGE_CHARS_MAX = 1000;
  private static final Duration DISK_DELAY = Duration.ofMinutes(1);

  private FailureMapper() {}

  /** An activity's body. */
  @FunctionalInterface
  public interface Body<T> {
    T run() throws IOException;
  }

  /** Runs the body; whatever it throws leaves as a failure of a known type. */
  public static <T> T mapped(Body<T> body) {
    try {
      return body.run();
    } catch (ActivityCompletionException | TemporalFailure known) {
      throw known;
    } catch (IOException | RuntimeException e) {
      LOG.warn("the activity failed", e);
      throw classify(e);
    }
  }

  /** For failures that would only happen again: the type is one of {@link Failures#NOT_RETRIED}. */
  public static ApplicationFailure lasting(String type, String message) {
    return ApplicationFailure.newNonRetryableFailure(message, type);
  }

  static ApplicationFailure classify(Exception e) {
    if (e instanceof UncheckedIOException wrapped && wrapped.getCause() != null) {
      return classify(wrapped.getCause());
    }
    if (e instanceof DivergedException diverged) {
      return ApplicationFailure.newNonRetryableFailure(text(e), Failures.DIVERGED, diverged.step());
    }
    if (e instanceof FencedException) {
      return benign(Failures.FENCED, e);
    }
    if (e instanceof StaleStepException) {
      return benign(Failures.STALE_STEP, e);
    }
    if (e instanceof DamagedBlobException || e instanceof UnknownIdException) {
      // A track's own head falls back by itself; what reaches this place has nothing to fall to.
      return lasting(Failures.DAMAGED, text(e));
    }
    if (e instanceof UnusableDatasetException) {
      return lasting(Failures.BAD_DATASET, text(e));
    }
    if (e instanceof IllegalArgumentException) {
      // Arguments come from the recipe and from what is committed: both stay as they are.
      return lasting(Failures.BAD_CONFIG, text(e));
    }
    if (e instanceof DatabaseUnavailableException
        || e instanceof StoreUnavailableException
        || e instanceof CommitUnknownException) {
      return retried(Failures.TRANSIENT, e);
    }
    if (e instanceof IOException && isDiskFull(e)) {
      return delayed(Failures.DISK_FULL, e, DISK_DELAY);
    }
    return retried(e.getClass().getSimpleName(), e);
  }

  private static boolean isDiskFull(Exception e) {
    String text = text(e).toLowerCase(Locale.ROOT);
    return text.contains("no space left") || text.contains("disk quota");
  }

  private static ApplicationFailure benign(String type, Exception e) {
    return ApplicationFailure.newBuilder()
        .setType(type)
        .setMessage(text(e))
        .setCategory(ApplicationErrorCategory.BENIGN)
        .build();
  }

  private static ApplicationFailure delayed(String type, Exception e, Duration delay) {
    return ApplicationFailure.newBuilder()
        .setType(type)
        .setMessage(text(e))
        .setNextRetryDelay(delay)
        .build();
  }

  private static ApplicationFailure retried(String type, Exception e) {
    return ApplicationFailure.newBuilder().setType(type).setMessage(text(e)).build();
  }

  /**
   * Without the cause and within a limit: the server cuts a failure of a few kilobytes to the words
   * "exceeds size limit". The whole of it is in the worker's log.
   */
  private static String text(Exception e) {
    String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    return text.length() <= MESSAGE_CHARS_MAX
        ? text
        : text.substring(0, MESSAGE_CHARS_MAX) + " ... (the worker's log has all of it)";
  }
}
