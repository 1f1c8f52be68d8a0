package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.data.UnusableDatasetException;
import io.dinoflow.model.train.DivergedException;
import io.dinoflow.storage.blob.BlobGoneException;
import io.dinoflow.storage.blob.DamagedBlobException;
import io.dinoflow.storage.blob.FileEntry;
import io.dinoflow.storage.checkpoint.CommitUnknownException;
import io.dinoflow.storage.checkpoint.FencedException;
import io.dinoflow.storage.checkpoint.StaleStepException;
import io.dinoflow.storage.jdbc.DatabaseUnavailableException;
import io.dinoflow.storage.lineage.UnknownIdException;
import io.dinoflow.storage.object.StoreUnavailableException;
import io.dinoflow.workflow.Failures;
import io.temporal.client.ActivityCanceledException;
import io.temporal.failure.ApplicationErrorCategory;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FailureMapperTest {
  private static final Exception CAUSE = new IOException("broken pipe");

  static Stream<Arguments> lasting() {
    FileEntry file = new FileEntry("teacher.safetensors", Sha256.ofText("x"), 1);
    return Stream.of(
        Arguments.of(new DivergedException(7, "loss is NaN"), Failures.DIVERGED),
        Arguments.of(new IllegalArgumentException("heads is 0"), Failures.BAD_CONFIG),
        Arguments.of(new NumberFormatException("For input \"x\""), Failures.BAD_CONFIG),
        Arguments.of(new UnusableDatasetException("no captions"), Failures.BAD_DATASET),
        Arguments.of(
            new DamagedBlobException(file, OptionalLong.empty(), "it has 0 bytes"),
            Failures.DAMAGED),
        Arguments.of(new UnknownIdException("checkpoint has expired"), Failures.DAMAGED));
  }

  @ParameterizedTest
  @MethodSource("lasting")
  void neverTriesAgainWhatWouldOnlyHappenAgain(Exception e, String type) {
    ApplicationFailure failure = FailureMapper.classify(e);
    assertThat(failure.isNonRetryable()).isTrue();
    assertThat(failure.getType()).isEqualTo(type);
    assertThat(Failures.NOT_RETRIED).contains(type);
    assertThat(failure.getOriginalMessage()).isEqualTo(e.getMessage());
  }

  static Stream<Arguments> passing() {
    return Stream.of(
        Arguments.of(new DatabaseUnavailableException("away", CAUSE), Failures.TRANSIENT),
        Arguments.of(new StoreUnavailableException("503", CAUSE), Failures.TRANSIENT),
        Arguments.of(new CommitUnknownException("unknown", CAUSE), Failures.TRANSIENT),
        Arguments.of(new FencedException("superseded"), Failures.FENCED),
        Arguments.of(new StaleStepException("10 is not above 10"), Failures.STALE_STEP),
        Arguments.of(new IOException("No space left on device"), Failures.DISK_FULL),
        Arguments.of(
            new UncheckedIOException(new IOException("Disk quota exceeded")), Failures.DISK_FULL),
        Arguments.of(new BlobGoneException("collected"), "BlobGoneException"),
        Arguments.of(new IOException("reset by peer"), "IOException"),
        Arguments.of(new IllegalStateException("a bug"), "IllegalStateException"),
        Arguments.of(new NullPointerException(), "NullPointerException"));
  }

  @ParameterizedTest
  @MethodSource("passing")
  void triesEverythingElseAgain(Exception e, String type) {
    ApplicationFailure failure = FailureMapper.classify(e);
    assertThat(failure.isNonRetryable()).isFalse();
    assertThat(failure.getType()).isEqualTo(type);
    assertThat(Failures.NOT_RETRIED).doesNotContain(type);
    assertThat(failure.getOriginalMessage()).isNotBlank();
  }

  @Test
  void raisesNoAlarmWhereAnotherAttemptTookOver() {
    assertThat(FailureMapper.classify(new FencedException("superseded")).getCategory())
        .isEqualTo(ApplicationErrorCategory.BENIGN);
    assertThat(FailureMapper.classify(new StaleStepException("stale")).getCategory())
        .isEqualTo(ApplicationErrorCategory.BENIGN);
    assertThat(FailureMapper.classify(new DivergedException(7, "NaN")).getCategory())
        .isNotEqualTo(ApplicationErrorCategory.BENIGN);
  }

  @Test
  void waitsForTheDiskToBeEmptied() {
    assertThat(FailureMapper.classify(new IOException("No space left")).getNextRetryDelay())
        .isEqualTo(Duration.ofMinutes(1));
  }

  @Test
  void keepsMessagesWithinTheServersLimit() {
    String thousand = "x".repeat(1000);
    assertThat(FailureMapper.classify(new IOException(thousand)).getOriginalMessage())
        .isEqualTo(thousand);
    ApplicationFailure longer = FailureMapper.classify(new IOException(thousand + "yz"));
    assertThat(longer.getOriginalMessage())
        .startsWith(thousand)
        .doesNotContain("yz")
        .contains("log");
    assertThat(longer.getOriginalMessage().length()).isLessThan(1100);
    assertThat(longer.getCause()).isNull();
  }

  @Test
  void handsOverResultsAndWhatTemporalKnowsAlready() {
    assertThat(FailureMapper.mapped(() -> "done")).isEqualTo("done");
    ActivityCanceledException cancelled = new ActivityCanceledException();
    assertThatThrownBy(
            () ->
                FailureMapper.mapped(
                    () -> {
                      throw cancelled;
                    }))
        .isSameAs(cancelled);
    ApplicationFailure known = FailureMapper.lasting(Failures.BAD_CONFIG, "3 problems");
    assertThatThrownBy(
            () ->
                FailureMapper.mapped(
                    () -> {
                      throw known;
                    }))
        .isSameAs(known);
    ApplicationFailure mapped =
        catchThrowableOfType(
            ApplicationFailure.class,
            () ->
                FailureMapper.mapped(
                    () -> {
                      throw new IOException("reset");
                    }));
    assertThat(mapped.getType()).isEqualTo("IOException");
  }

  @Test
  void saysAtWhichStepTrainingDiverged() {
    ApplicationFailure failure = FailureMapper.classify(new DivergedException(7, "loss is NaN"));
    assertThat(failure.getDetails().get(0, Long.class)).isEqualTo(7);
  }
}
