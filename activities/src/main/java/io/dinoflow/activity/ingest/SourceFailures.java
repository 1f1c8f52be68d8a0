package io.dinoflow.activity.ingest;

import io.dinoflow.activity.support.FailureMapper;
import io.dinoflow.workflow.Failures;
import java.nio.file.AccessDeniedException;

/** What is wrong with a source would only be found again. */
final class SourceFailures {
  private SourceFailures() {}

  static <T> T mapped(FailureMapper.Body<T> body) {
    return FailureMapper.mapped(
        () -> {
          try {
            return body.run();
          } catch (UnsafeArchiveException e) {
            throw FailureMapper.lasting(Failures.UNSAFE_ARCHIVE, String.valueOf(e.getMessage()));
          } catch (BadSourceException e) {
            throw FailureMapper.lasting(Failures.BAD_DATASET, String.valueOf(e.getMessage()));
          } catch (AccessDeniedException e) {
            throw FailureMapper.lasting(
                Failures.BAD_DATASET,
                "the worker may not read %s: give it the right to, or take another source"
                    .formatted(e.getFile()));
          }
        });
  }
}
