package io.dinoflow.workflow.impl;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.WorkflowIds;
import io.dinoflow.workflow.activity.EvaluateActivities.EvaluateRequest;
import io.dinoflow.workflow.activity.GatherActivities;
import io.dinoflow.workflow.activity.RetrainActivities;
import io.temporal.failure.ApplicationFailure;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/** Decisions of retraining as a test wants them; keeps a book of what it was asked. */
final class FakeRetraining implements RetrainActivities, GatherActivities {
  final List<String> book = new CopyOnWriteArrayList<>();
  volatile boolean enough = true;
  volatile boolean champion;
  volatile boolean passes = true;
  volatile Promote promote = Promote.AUTO;

  /** Runs when the question is on record, before the workflow hears that it is. */
  volatile Runnable onceAsked = () -> {};

  @Override
  public Surveyed survey(Survey request) {
    JsonNode given = request.request();
    if (given.has("colour")) {
      throw ApplicationFailure.newNonRetryableFailure(
          "The run was not started, because of 1 problem:\n- colour: unknown field",
          Failures.BAD_CONFIG);
    }
    book.add("survey");
    String schedule = given.path("schedule").asText();
    return new Surveyed(
        request.workflow(),
        request.firedAtMillis(),
        schedule,
        WorkflowIds.scheduled(schedule, Instant.ofEpochMilli(request.firedAtMillis())),
        given.path("pipeline"),
        given.path("dataset").asText(),
        1 << 20,
        "birds",
        "champion",
        "pretrain",
        5,
        "evaluate",
        "knn10.top1 >= champion",
        promote,
        24,
        From.SCRATCH,
        champion
            ? Optional.of(new Champion(serving(), 1, Optional.of(FakeHouse.source())))
            : Optional.empty());
  }

  private static CheckpointRef serving() {
    return FakeHouse.ref(TrackId.of(new RunId("old"), "pretrain"), 100);
  }

  @Override
  public Gathered gather(GatherRequest request) {
    book.add(
        "gather %s, at least %d, base %s"
            .formatted(
                request.source(),
                request.newSamplesMin(),
                request.base().map(base -> base.name()).orElse("none")));
    return new Gathered(
        "pictures",
        10,
        enough ? 10 : 2,
        0,
        0,
        enough ? Optional.of(FakeHouse.source()) : Optional.empty(),
        1,
        1);
  }

  @Override
  public Weighed weigh(Weigh request) {
    boolean start = request.gathered().union().isPresent();
    book.add("weigh " + start);
    return new Weighed(
        start, start ? "10 are new" : "2 are new; 5 are needed", request.firing().pipeline());
  }

  @Override
  public Trial trial(Surveyed firing) {
    book.add("trial");
    CheckpointRef challenger = FakeHouse.ref(TrackId.of(firing.run(), "pretrain"), 100);
    return new Trial(
        challenger,
        new ArtifactRef(ArtifactKind.EVALUATION, Sha256.ofText("challenger's")),
        firing
            .champion()
            .map(
                old ->
                    new EvaluateRequest(
                        firing.run(),
                        "evaluate",
                        Sha256.ofText("recipe"),
                        FakeHouse.source(),
                        List.of(old.checkpoint()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of("champion"))));
  }

  @Override
  public Judged judge(Judge request) {
    book.add("judge beside " + request.championReport().map(r -> "the champion").orElse("nobody"));
    return new Judged(passes, 2, "0.7 against 0.6", Map.of("knn10.top1", 0.7));
  }

  @Override
  public String settle(Settle request) {
    String said =
        "%s by %s: %s"
            .formatted(
                request.settlement().name().toLowerCase(Locale.ROOT), request.who(), request.why());
    book.add(said);
    if (request.settlement() == Settlement.ASKED) {
      onceAsked.run();
    }
    return said;
  }
}
