package io.dinoflow.ops.web;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.ArtifactRef;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.ops.Schedules;
import io.dinoflow.ops.report.DemoRun;
import io.dinoflow.ops.report.FakeFacts;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunRow;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.SeriesPoint;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.storage.registry.Firing;
import io.dinoflow.storage.registry.ModelVersion;
import io.dinoflow.storage.registry.Promotion;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A finished run with text of an attacker wherever somebody may write. */
final class HostileFacts {
  /** Leaves an element, an attribute, and a string of a script. */
  static final String SENT =
      "\"'></td></title><script>alert(1)</script><img src=x onerror=alert(1)> \" onmouseover=\"alert(1)";

  /** As it was stored: none of the names that are sent. */
  static final String TEXT = "stored " + SENT;

  static final Sha256 CHECKPOINT = Sha256.ofText(DemoRun.ID + "/gram@690");
  static final Sha256 DATASET = Sha256.ofText("hostile dataset");

  private HostileFacts() {}

  static FakeFacts all() {
    FakeFacts facts = DemoRun.done();
    run(facts);
    data(facts);
    models(facts);
    for (String schedule : List.of("nightly", TEXT)) {
      facts.put(
          new Firing(
              "retrain/" + schedule,
              schedule,
              DemoRun.BEGUN,
              DemoRun.ID,
              Firing.Outcome.REFUSED,
              TEXT,
              Optional.empty(),
              Map.of(TEXT, 0.5),
              Optional.of(DemoRun.BEGUN)));
    }
    return facts;
  }

  /** One with an honest name, one without. */
  static FakeSchedules schedules() {
    FakeSchedules schedules = new FakeSchedules();
    for (String name : List.of("nightly", TEXT)) {
      schedules.put(
          new Schedules.Story(
              new Schedules.Summary(
                  name, TEXT, TEXT, name.equals(TEXT), TEXT, List.of(DemoRun.CLOCK.instant())),
              3,
              1,
              0,
              List.of(
                  new Schedules.Firing(
                      DemoRun.BEGUN.minusSeconds(60),
                      TEXT,
                      TEXT,
                      Optional.of(DemoRun.ID),
                      TEXT,
                      DemoRun.BEGUN,
                      Optional.empty()))));
    }
    return schedules;
  }

  private static void run(FakeFacts facts) {
    RunRow demo = facts.run(DemoRun.ID).orElseThrow();
    facts.put(
        new RunRow(
            demo.id(),
            TEXT,
            demo.recipeDigest(),
            demo.recipeJson(),
            RunState.FAILED,
            TEXT,
            demo.createdAt(),
            demo.updatedAt(),
            demo.closedAt()));
    facts.put(
        new StageRow(
            DemoRun.ID,
            TEXT,
            7,
            TEXT,
            RunState.FAILED,
            TEXT,
            Optional.empty(),
            "{}",
            List.of(),
            Optional.empty(),
            Optional.of(DemoRun.BEGUN),
            Optional.empty()));
    facts.put(new Event(DemoRun.ID, TEXT, DemoRun.BEGUN, TEXT, TEXT));
    facts.series(
        TrackId.of(DemoRun.ID, "pretrain"),
        List.of(new SeriesPoint(1, TEXT, 1), new SeriesPoint(2, TEXT, 2)));
  }

  private static void data(FakeFacts facts) {
    facts.put(
        new DatasetRef(ArtifactKind.SOURCE, TEXT, DATASET, 3), Map.of(TEXT, TEXT), DemoRun.BEGUN);
    facts.edge(EdgeKind.DATASET, CHECKPOINT, DATASET);
    Sha256 evaluation = Sha256.ofText("hostile evaluation");
    facts.put(
        new ArtifactRow(
            new ArtifactRef(ArtifactKind.EVALUATION, evaluation),
            TEXT,
            Optional.of(DemoRun.ID),
            Optional.of(TEXT),
            Map.of(TEXT, TEXT),
            DemoRun.BEGUN));
    facts.measured(evaluation, List.of(Metric.of(TEXT + "." + TEXT, 0.5)));
    facts.measured(CHECKPOINT, List.of(Metric.of(TEXT, 0.5)));
    facts.edge(EdgeKind.EVALUATED_ON, evaluation, CHECKPOINT);
  }

  private static void models(FakeFacts facts) {
    CheckpointRef checkpoint =
        new CheckpointRef(CHECKPOINT, TrackId.of(DemoRun.ID, "gram"), 690, Sha256.ofText("state"));
    facts.put(
        new ModelVersion(TEXT, 1, checkpoint, Optional.of(DATASET), List.of(TEXT), DemoRun.BEGUN));
    facts.put(new ModelVersion("birds", 1, checkpoint, Optional.empty(), List.of(), DemoRun.BEGUN));
    facts.put(
        new Promotion(
            TEXT,
            TEXT,
            Promotion.Kind.PROMOTED,
            1,
            Optional.empty(),
            new Promotion.Decision(TEXT, TEXT, Map.of(TEXT, 1.0)),
            DemoRun.BEGUN));
  }
}
