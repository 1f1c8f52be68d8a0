package io.dinoflow.activity.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.IntNode;
import io.dinoflow.activity.testing.Bench;
import io.dinoflow.activity.testing.Chain;
import io.dinoflow.model.artifact.BlobFile;
import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.storage.checkpoint.CheckpointDraft;
import io.dinoflow.storage.checkpoint.Claim;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.RunState;
import io.dinoflow.storage.testing.Blobs;
import io.dinoflow.workflow.activity.StageResult;
import io.dinoflow.workflow.api.StageRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ForksIT {
  private static final Map<String, JsonNode> NOTHING = Map.of();
  private static final AtomicInteger NAMES = new AtomicInteger();

  @TempDir static Path folder;
  private static Bench bench;
  private static Forks forks;
  private static ForkedRuns forkedRuns;
  private RunId old;
  private List<CheckpointRef> pretrained;
  private List<CheckpointRef> gram;

  @BeforeAll
  static void servers() {
    bench = Bench.in(folder);
    forks =
        new Forks(bench.workbench().artifacts(), bench.lineage(), new CatalogRecipes(new Chain()));
    forkedRuns =
        new ForkedRuns(
            bench.workbench().checkpoints(), bench.workbench().artifacts(), bench.lineage());
  }

  @AfterAll
  static void close() {
    bench.close();
  }

  @BeforeEach
  void aRunInTheMiddleOfItsThirdStage() throws Exception {
    old = bench.open(Chain.recipe());
    DatasetRef source = bench.dataset("source-" + old, List.of(Bench.sample("a")));
    DatasetRef dataset = bench.dataset("curated-" + old, List.of(Bench.sample("b")));
    done(StageResult.curated("curate", source, dataset, List.of()));
    pretrained = commits("pretrain", 4, 8, 12);
    done(StageResult.trained("pretrain", pretrained.subList(2, 3), List.of()));
    gram = commits("gram", 14, 16);
  }

  @Test
  void aForkBeginsWithTheOldStateAndNamesItAsItsParent() throws Exception {
    Fork fork = forks.within(pretrained.get(1), Map.of("pretrain.batch_size", new IntNode(4)));
    RunId run = fresh();
    CheckpointRef head = forkedRuns.begin(fork, run, folder).get(0);

    assertThat(fork.firstStep()).isEqualTo(8);
    assertThat(fork.steps()).isEqualTo(4);
    assertThat(head.stateDigest()).isEqualTo(pretrained.get(1).stateDigest());
    assertThat(head.track()).isEqualTo(TrackId.of(run, "pretrain"));
    assertThat(bench.lineage().ancestry(head.id(), Ancestry.Direction.UP, 1, 10).edges())
        .extracting(Ancestry.Edge::kind, Ancestry.Edge::to)
        .containsExactly(tuple(EdgeKind.PARENT, pretrained.get(1).id()));
    assertThat(bench.lineage().stages(run))
        .allSatisfy(
            stage -> {
              assertThat(stage.name()).isEqualTo("curate");
              assertThat(stage.state()).isEqualTo(RunState.DONE);
              assertThat(stage.reusedFrom()).contains(old);
            })
        .hasSize(1);
    assertThat(bench.lineage().forkedFrom(run, "pretrain")).containsExactly(head.stateDigest());
    assertThat(forkedRuns.begin(fork, run, folder)).as("begun twice").containsExactly(head);
  }

  @Test
  void takesTheCheckpointsAlongThatWereGramTeachers() throws Exception {
    Fork fork = forks.within(gram.get(1), NOTHING);
    RunId run = fresh();
    forkedRuns.begin(fork, run, folder);

    assertThat(bench.lineage().checkpoints(TrackId.of(run, "gram")))
        .extracting(row -> row.ref().stateDigest())
        .containsExactly(gram.get(0).stateDigest(), gram.get(1).stateDigest());
    assertThat(fork.takenOver()).extracting(StageResult::stage).contains("curate", "pretrain");
  }

  @Test
  void namesEveryOverrideThatWouldChangeNothingOrNotFit() {
    Fork.RefusedException refused =
        catchThrowableOfType(
            Fork.RefusedException.class,
            () ->
                forks.within(
                    gram.get(0),
                    Map.of(
                        "curate.target_size", new IntNode(5),
                        "pretrain.batch_size", new IntNode(4),
                        "data.limit", new IntNode(3),
                        "gram.steps", new IntNode(2))));

    assertThat(refused.problems())
        .hasSize(4)
        .anyMatch(problem -> problem.startsWith("data: "))
        .anyMatch(problem -> problem.startsWith("curate: "))
        .anyMatch(problem -> problem.startsWith("pretrain: "))
        .anyMatch(problem -> problem.contains("nothing would be trained"));
    assertThatThrownBy(
            () ->
                forks.within(
                    pretrained.get(0), Map.of("pretrain.start.student.depth", new IntNode(3))))
        .isInstanceOf(Fork.RefusedException.class)
        .hasMessageContaining("what the state is made of cannot change");
    assertThatThrownBy(
            () -> forks.within(pretrained.get(0), Map.of("pretrain.setps", new IntNode(3))))
        .isInstanceOf(RecipeReader.RecipeProblems.class)
        .hasMessageContaining("setps");
  }

  @Test
  void beginsALaterStageWithAnyCheckpointItMayStartFrom() throws Exception {
    Fork fork = forks.into("gram", pretrained.get(2), Map.of("gram.batch_size", new IntNode(4)));
    assertThat(fork.seeds()).isEmpty();
    assertThat(fork.firstStep()).isEqualTo(12);
    assertThat(forkedRuns.begin(fork, fresh(), folder)).isEmpty();

    assertThatThrownBy(() -> forks.into("gram", pretrained.get(0), NOTHING))
        .isInstanceOf(Fork.RefusedException.class)
        .hasMessageContaining("continues at step 12 and the checkpoint stands at 4");
    assertThatThrownBy(() -> forks.into("highres", pretrained.get(2), NOTHING))
        .isInstanceOf(Fork.RefusedException.class)
        .hasMessageContaining("begins with stage gram")
        .hasMessageContaining("is not done");
    assertThatThrownBy(() -> forks.into("pretrain", pretrained.get(2), NOTHING))
        .isInstanceOf(Fork.RefusedException.class)
        .hasMessageContaining("stage pretrain begins with no checkpoint");
    assertThatThrownBy(() -> forks.into("gramm", pretrained.get(2), NOTHING))
        .isInstanceOf(Fork.RefusedException.class)
        .hasMessageContaining("no stage \"gramm\"");
  }

  @Test
  void trainsAgainFromTheNearestCheckpointWhoseBytesAreKept() throws Exception {
    Fork near = forks.again(bench.lineage().checkpoint(pretrained.get(2).id()).orElseThrow());
    assertThat(near.firstStep()).isEqualTo(8);
    assertThat(near.stage().lastStep()).isEqualTo(12);
    expire(pretrained.get(1));
    Fork far = forks.again(bench.lineage().checkpoint(pretrained.get(1).id()).orElseThrow());
    assertThat(far.firstStep()).isEqualTo(4);
    assertThat(far.stage().lastStep()).as("an expired one can be made again").isEqualTo(8);
    expire(pretrained.get(0));
    Fork whole = forks.again(bench.lineage().checkpoint(pretrained.get(1).id()).orElseThrow());
    assertThat(whole.seeds()).isEmpty();
    assertThat(whole.firstStep()).isZero();
    assertThatThrownBy(() -> forks.within(pretrained.get(1), NOTHING))
        .isInstanceOf(Fork.RefusedException.class)
        .hasMessageContaining("cannot be read any more")
        .hasMessageContaining("readable are steps [12]");
  }

  @Test
  void aStageRunAloneHasTheTeachersOfItsStepAndNoReuseKey() throws Exception {
    Fork fork = forks.again(bench.lineage().checkpoint(gram.get(1).id()).orElseThrow());
    RunId run = fresh();
    forkedRuns.begin(fork, run, folder);
    StageRequest request = forkedRuns.alone(fork, run);

    assertThat(request.carried().orElseThrow().gramTeachers())
        .containsExactly(pretrained.get(2), gram.get(0));
    assertThat(request.carried().orElseThrow().step()).isEqualTo(14);
    assertThat(request.inputs()).extracting(StageResult::stage).contains("curate", "pretrain");
    assertThat(bench.lineage().stages(run))
        .filteredOn(stage -> stage.name().equals("gram"))
        .allSatisfy(stage -> assertThat(stage.reuseKey()).isEmpty())
        .hasSize(1);
  }

  private void done(StageResult result) {
    new TakenOver(bench.workbench().artifacts(), bench.lineage())
        .record(old, Chain.recipe(), result, old.value());
    bench.lineage().setStageState(old, result.stage(), RunState.DONE, "");
  }

  private List<CheckpointRef> commits(String stage, long... steps) {
    Claim claim = bench.workbench().checkpoints().claim(TrackId.of(old, stage), "owner");
    List<CheckpointRef> made = new ArrayList<>();
    for (long step : steps) {
      BlobFile file = Blobs.text(folder, "teacher.safetensors", old + " " + stage + step);
      CheckpointRef ref =
          bench
              .workbench()
              .checkpoints()
              .commit(
                  claim,
                  new CheckpointDraft(
                      step,
                      List.of(file),
                      List.of(),
                      List.of(),
                      new Environment("none", "kernels", 2, "cpu", "none", "test")));
      made.add(ref);
      claim = claim.after(ref);
    }
    return made;
  }

  private static void expire(CheckpointRef checkpoint) {
    bench.expire(checkpoint.id());
  }

  private static RunId fresh() {
    return new RunId("fork-" + NAMES.incrementAndGet());
  }
}
