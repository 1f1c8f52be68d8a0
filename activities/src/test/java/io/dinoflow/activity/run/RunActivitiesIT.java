package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.activity.testing.Bench;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.checkpoint.FencedException;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.ArtifactRow;
import io.dinoflow.storage.lineage.Event;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.lineage.StageRow;
import io.dinoflow.workflow.Failures;
import io.dinoflow.workflow.activity.RunActivities.BeginStage;
import io.dinoflow.workflow.activity.RunActivities.BegunStage;
import io.dinoflow.workflow.activity.RunActivities.CloseRun;
import io.dinoflow.workflow.activity.RunActivities.FinishStage;
import io.dinoflow.workflow.activity.RunActivities.NoteRun;
import io.dinoflow.workflow.activity.RunActivities.NoteStage;
import io.dinoflow.workflow.activity.RunActivities.OpenRequest;
import io.dinoflow.workflow.activity.RunActivities.OpenedRun;
import io.dinoflow.workflow.activity.RunActivities.RetrainDecision;
import io.dinoflow.workflow.activity.RunActivities.RetrainQuestion;
import io.dinoflow.workflow.activity.StagePlan;
import io.dinoflow.workflow.activity.StageResult;
import io.temporal.failure.ApplicationFailure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunActivitiesIT {
  private static final AtomicInteger NAMES = new AtomicInteger();

  @TempDir static Path folder;
  private static Bench bench;
  private static RunActivitiesImpl activities;

  @BeforeAll
  static void servers() {
    bench = Bench.in(folder);
    activities = new RunActivitiesImpl(bench.workbench(), new CatalogRecipes(new Chain()));
  }

  @AfterAll
  static void close() {
    bench.close();
  }

  @Test
  void opensARunOnceHoweverOftenItIsAsked() {
    String id = fresh();
    OpenedRun first = open(id, request(1));
    assertThat(open(id, request(1))).isEqualTo(first);
    assertThat(first.stages()).extracting(StagePlan::name).startsWith("curate", "pretrain");
    assertThat(first.finished()).isEmpty();
    assertThat(bench.lineage().run(new RunId(id)).orElseThrow().state())
        .isEqualTo(RunState.RUNNING);
    assertThat(bench.lineage().events(new RunId(id)))
        .filteredOn(event -> event.kind().equals("opened"))
        .hasSize(1);
    assertThat(bench.workbench().recipes().read(first.run(), first.recipe()).seed()).isEqualTo(1);
  }

  @Test
  void writesTheMachinesThreadsIntoARunThatLeavesThemOpen() {
    ObjectNode request = request(1);
    request.withObject("overrides").put("compute.threads", 0);
    OpenedRun opened = open(fresh(), request);
    assertThat(bench.workbench().recipes().read(opened.run(), opened.recipe()).compute().threads())
        .isEqualTo(2);
  }

  @Test
  void namesTheFieldsInWhichTheSameRunDiffers() {
    String id = fresh();
    open(id, request(1));
    ObjectNode other = request(2);
    other.withObject("overrides").put("pretrain.steps", 99);
    ApplicationFailure failure =
        catchThrowableOfType(ApplicationFailure.class, () -> open(id, other));
    assertThat(failure.getType()).isEqualTo(Failures.SPEC_CONFLICT);
    assertThat(failure.isNonRetryable()).isTrue();
    assertThat(failure.getOriginalMessage())
        .contains("seed: 1 -> 2", "steps: 12 -> 99", "Give the new run another id");
  }

  @Test
  void goesOnWithAFailedRunAndReturnsTheResultsOfADoneOne() throws Exception {
    String id = fresh();
    OpenedRun opened = open(id, request(1));
    StageResult curated = curated(id);
    begin(opened, List.of(), true);
    activities.finishStage(
        new FinishStage(
            opened.run(), "curate", begin(opened, List.of(), true).reuseKey(), curated));
    activities.closeRun(new CloseRun(opened.run(), "failed", "the disk was full"));
    assertThat(open(id, request(1)).finished()).as("goes on").isEmpty();
    assertThat(state(opened)).isEqualTo(RunState.RUNNING);
    assertThat(begin(opened, List.of(), true).done()).contains(curated);

    activities.closeRun(new CloseRun(opened.run(), "done", ""));
    assertThat(open(id, request(1)).finished()).containsExactly(curated);
    assertThat(state(opened)).isEqualTo(RunState.DONE);
  }

  @Test
  void takesTheResultOfAnotherRunAndSaysSo() throws Exception {
    ObjectNode request = request(31);
    OpenedRun first = open(fresh(), request);
    StageResult curated = curated("reused");
    BegunStage begun = begin(first, List.of(), true);
    assertThat(begun.done()).isEmpty();
    activities.finishStage(new FinishStage(first.run(), "curate", begun.reuseKey(), curated));

    OpenedRun second = open(fresh(), request);
    BegunStage taken = begin(second, List.of(), true);
    assertThat(taken.reuseKey()).isEqualTo(begun.reuseKey());
    assertThat(taken.done()).contains(curated.takenFrom(first.run().value()));
    assertThat(begin(second, List.of(), true)).as("asked again").isEqualTo(taken);
    StageRow row = stage(second, "curate");
    assertThat(row.state()).isEqualTo(RunState.DONE);
    assertThat(row.reusedFrom()).contains(first.run());
    ArtifactRow place =
        bench.lineage().artifacts(second.run()).stream()
            .filter(artifact -> artifact.ref().kind() == ArtifactKind.STAGE)
            .findFirst()
            .orElseThrow();
    assertThat(bench.lineage().ancestry(place.ref().id(), Ancestry.Direction.UP, 3, 10).edges())
        .filteredOn(edge -> edge.kind() == EdgeKind.REUSED)
        .extracting(edge -> edge.to())
        .contains(curated.dataset().orElseThrow().version());
    assertThat(bench.lineage().events(second.run())).extracting(Event::kind).contains("reused");

    OpenedRun third = open(fresh(), request);
    assertThat(begin(third, List.of(), false).done()).as("without reuse").isEmpty();
    assertThat(begin(third, List.of(), true).done())
        .as("it names the run that made it, not the one that had taken it over")
        .contains(curated.takenFrom(first.run().value()));
    ObjectNode otherSeed = request(32);
    assertThat(begin(open(fresh(), otherSeed), List.of(), true).done()).isEmpty();
  }

  @Test
  void fencesTheTracksOfAClosedRun() {
    OpenedRun opened = open(fresh(), request(1));
    TrackId track = TrackId.of(opened.run(), "pretrain");
    bench.workbench().checkpoints().claim(track, "in flight");
    activities.closeRun(new CloseRun(opened.run(), "cancelled", "asked to"));
    activities.closeRun(new CloseRun(opened.run(), "cancelled", "asked to"));
    assertThatThrownBy(() -> bench.workbench().checkpoints().claim(track, "next"))
        .isInstanceOf(FencedException.class)
        .hasMessageContaining("cancelled");
  }

  @Test
  void recordsPausesOfRunsAndStages() {
    OpenedRun opened = open(fresh(), request(1));
    activities.noteStage(new NoteStage(opened.run(), "curate", "paused", "not begun yet"));
    assertThat(bench.lineage().stages(opened.run())).isEmpty();
    begin(opened, List.of(), true);
    activities.noteStage(new NoteStage(opened.run(), "curate", "paused", "for lunch"));
    activities.noteRun(new NoteRun(opened.run(), "paused", "for lunch"));
    assertThat(state(opened)).isEqualTo(RunState.PAUSED);
    assertThat(stage(opened, "curate").state()).isEqualTo(RunState.PAUSED);
    assertThat(stage(opened, "curate").reason()).isEqualTo("for lunch");
    assertThat(bench.lineage().events(opened.run())).extracting(Event::text).contains("for lunch");
  }

  @Test
  void refusesARecipeThatIsNotTheRuns() {
    OpenedRun one = open(fresh(), request(1));
    OpenedRun two = open(fresh(), request(2));
    ApplicationFailure failure =
        catchThrowableOfType(
            ApplicationFailure.class,
            () ->
                activities.beginStage(
                    new BeginStage(
                        new RunId(fresh()),
                        two.recipe(),
                        "curate",
                        Optional.empty(),
                        List.of(),
                        true)));
    assertThat(failure.isNonRetryable()).isTrue();
    assertThat(failure.getOriginalMessage()).contains("never opened");
    assertThatThrownBy(() -> bench.workbench().recipes().read(one.run(), two.recipe()))
        .hasMessageContaining("has recipe");
  }

  @Test
  void retrainsOnANewVersionOfItsDatasetAndOnlyThen() throws Exception {
    String schedule = "nightly" + NAMES.incrementAndGet();
    String name = "birds" + NAMES.incrementAndGet();
    ObjectNode request = request(1).put("data", "dataset:" + name);
    assertDecision(schedule, request, false, "no version yet");

    bench.dataset(name, List.of(Bench.sample("1")));
    assertDecision(schedule, request, true, "has finished no run yet");

    // Another schedule whose name begins with this one's, and a run that failed, count for nothing.
    done(schedule + "-big-20250101T030000Z", request);
    fail(schedule + "-20250101T030000Z", request);
    assertDecision(schedule, request, true, "has finished no run yet");

    String run = schedule + "-20250102T030000Z";
    done(run, request);
    assertDecision(schedule, request, false, "still at version");
    assertDecision(schedule, request, false, run);

    bench.dataset(name, List.of(Bench.sample("1"), Bench.sample("2")));
    assertDecision(schedule, request, true, "newer than run " + run);
    done(schedule + "-20250103T030000Z", request);
    assertDecision(schedule, request, false, "still at version");
  }

  @Test
  void retrainsAlwaysWhereItIsAskedToOrCannotCompare() {
    String schedule = "weekly" + NAMES.incrementAndGet();
    assertThat(decide(schedule, request(1), true).reason()).contains("at every firing");
    RetrainDecision shapes = decide(schedule, request(1), false);
    assertThat(shapes.start()).isTrue();
    assertThat(shapes.reason()).contains("no versions to compare");
    ApplicationFailure failure =
        catchThrowableOfType(
            ApplicationFailure.class,
            () -> decide(schedule, request(1).put("recipe", "nobody"), true));
    assertThat(failure.getType()).isEqualTo(Failures.BAD_CONFIG);
  }

  private void done(String id, ObjectNode request) {
    activities.closeRun(new CloseRun(open(id, request).run(), "done", ""));
  }

  private void fail(String id, ObjectNode request) {
    activities.closeRun(new CloseRun(open(id, request).run(), "failed", "broken"));
  }

  private static void assertDecision(
      String schedule, ObjectNode request, boolean start, String reason) {
    RetrainDecision decision = decide(schedule, request, false);
    assertThat(decision.start()).as(decision.reason()).isEqualTo(start);
    assertThat(decision.reason()).contains(reason);
    assertThat(decision.request()).isEqualTo(request);
  }

  private static RetrainDecision decide(String schedule, ObjectNode request, boolean always) {
    RunId run = new RunId(schedule + "-20250109T030000Z");
    return activities.decideRetrain(new RetrainQuestion(schedule, run, request, always));
  }

  private static OpenedRun open(String id, ObjectNode request) {
    return activities.openRun(new OpenRequest(id, request));
  }

  private static BegunStage begin(OpenedRun opened, List<StageResult> inputs, boolean reuse) {
    return activities.beginStage(
        new BeginStage(opened.run(), opened.recipe(), "curate", Optional.empty(), inputs, reuse));
  }

  private static StageResult curated(String name) throws IOException {
    DatasetRef source = bench.dataset(name + "-source", List.of(Bench.sample(name)));
    DatasetRef dataset = bench.dataset(name, List.of(Bench.sample(name)));
    return StageResult.curated("curate", source, dataset, List.of());
  }

  private static RunState state(OpenedRun opened) {
    return bench.lineage().run(opened.run()).orElseThrow().state();
  }

  private static StageRow stage(OpenedRun opened, String name) {
    return bench.lineage().stages(opened.run()).stream()
        .filter(row -> row.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private static ObjectNode request(int seed) {
    ObjectNode request = new ObjectMapper().createObjectNode().put("recipe", "chain");
    request.withObject("overrides").put("seed", seed);
    return request;
  }

  private static String fresh() {
    return "opened-" + NAMES.incrementAndGet();
  }
}
