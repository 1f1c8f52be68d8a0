package io.dinoflow.workflow.impl;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.StageProgress;
import io.dinoflow.workflow.api.StageRequest;
import java.util.List;
import java.util.Optional;

/** Picks a stage's references out of the results it was given. */
final class Inputs {
  private Inputs() {}

  static DatasetRef dataset(StageRequest request) {
    StageResult curated = request.input(request.plan().dataset());
    return curated
        .dataset()
        .orElseThrow(() -> new IllegalArgumentException(curated.stage() + " made no dataset"));
  }

  static DatasetRef source(StageRequest request) {
    StageResult curated = request.input(request.plan().dataset());
    return curated
        .source()
        .orElseThrow(() -> new IllegalArgumentException(curated.stage() + " names no source"));
  }

  /** The checkpoint the stage starts from, is taught by or aligned with. */
  static Optional<CheckpointRef> origin(StageRequest request) {
    return request
        .plan()
        .origin()
        .map(stage -> request.input(stage).checkpoint(request.plan().originStudent()));
  }

  static StageProgress notStarted() {
    return new StageProgress("", States.WAITING, "", 0, 0, 0, 0, List.of());
  }
}
