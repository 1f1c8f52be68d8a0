package io.dinoflow.ops.run;

import io.dinoflow.workflow.api.PipelineProgress;
import java.time.Duration;
import java.util.Optional;

/**
 * What is known about a stage besides its progress: what it will do while it waits, what it made
 * when it is done. Asked once for each state of a stage; called by the thread that draws.
 */
@FunctionalInterface
public interface StageNotes {
  /** Nothing is known. */
  StageNotes NONE = stage -> new Note("", Optional.empty());

  Note of(PipelineProgress.Stage stage);

  /**
   * @param words a few words; empty where there is nothing to say
   * @param took how long a stage that ended took
   */
  record Note(String words, Optional<Duration> took) {}
}
