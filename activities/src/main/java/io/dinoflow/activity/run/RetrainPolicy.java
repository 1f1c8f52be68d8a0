package io.dinoflow.activity.run;

import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.LineageStore;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.dinoflow.workflow.activity.RunActivities.RetrainDecision;
import io.dinoflow.workflow.activity.RunActivities.RetrainQuestion;
import java.time.Instant;
import java.util.Optional;

/** Whether a schedule's firing should start a run: yes when its dataset changed since the last. */
final class RetrainPolicy {
  private static final String DATASET_SOURCE = "dataset:";
  private static final int LOOK_BACK = 1000;

  private final LineageStore lineage;
  private final RequestReader requests;

  RetrainPolicy(LineageStore lineage, RequestReader requests) {
    this.lineage = lineage;
    this.requests = requests;
  }

  RetrainDecision decide(RetrainQuestion question) {
    String source =
        requests
            .read(new OpenRequest(question.run().value(), question.request()))
            .recipe()
            .data()
            .source();
    if (question.always()) {
      return start(question, "the schedule starts a run at every firing");
    }
    if (!source.startsWith(DATASET_SOURCE)) {
      return start(question, "source %s has no versions to compare".formatted(source));
    }
    String name = source.substring(DATASET_SOURCE.length());
    Optional<DatasetRef> newest = lineage.newestDataset(name);
    if (newest.isEmpty()) {
      return stay(question, "dataset %s has no version yet".formatted(name));
    }
    String version = newest.get().version().shortForm();
    Optional<RunRow> last = lastDone(question.schedule());
    if (last.isEmpty()) {
      return start(
          question,
          "dataset %s has version %s and the schedule has finished no run yet"
              .formatted(name, version));
    }
    Instant made = createdAt(newest.get());
    return made.isAfter(last.get().createdAt())
        ? start(
            question,
            "dataset %s has version %s, newer than run %s"
                .formatted(name, version, last.get().id()))
        : stay(
            question,
            "dataset %s is still at version %s, which run %s was trained on"
                .formatted(name, version, last.get().id()));
  }

  private Optional<RunRow> lastDone(String schedule) {
    return lineage.runs(LOOK_BACK).stream()
        .filter(run -> WorkflowIds.scheduleOf(run.id()).equals(Optional.of(schedule)))
        .filter(run -> run.state() == RunState.DONE)
        .findFirst();
  }

  private Instant createdAt(DatasetRef dataset) {
    return lineage.artifact(dataset.version()).map(ArtifactRow::createdAt).orElse(Instant.MAX);
  }

  private static RetrainDecision start(RetrainQuestion question, String reason) {
    return new RetrainDecision(true, reason, question.request());
  }

  private static RetrainDecision stay(RetrainQuestion question, String reason) {
    return new RetrainDecision(false, reason, question.request());
  }
}
