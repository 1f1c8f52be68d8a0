package io.dinoflow.ops.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.ArtifactKind;
import io.dinoflow.model.artifact.DatasetRef;
import io.dinoflow.model.artifact.EdgeKind;
import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.storage.checkpoint.Environment;
import io.dinoflow.storage.lineage.Ancestry;
import io.dinoflow.storage.lineage.CheckpointRow;
import io.dinoflow.storage.lineage.RecipeRevision;
import io.dinoflow.storage.lineage.RunState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CheckpointDiffTest {
  private static final String RECIPE = Rows.run(RunState.DONE, "").recipeJson();

  @Test
  void namesEveryRecordedDifference() {
    CheckpointDiff diff =
        CheckpointDiff.of(
            side("{\"seed\":1,\"steps\":10}", 2, "emoji-1", "tiny-1/pretrain@12", 0.5),
            side("{\"seed\":2,\"steps\":10}", 4, "emoji-2", "tiny-1/pretrain@24", 0.75));

    assertThat(diff.changes())
        .containsExactly(
            new CheckpointDiff.Change("recipe", "seed: 1 -> 2"),
            new CheckpointDiff.Change("computed by", "code: 0.2 -> 0.4"),
            new CheckpointDiff.Change("computed by", "threads: 2 -> 4"),
            new CheckpointDiff.Change("data", "emoji-1: " + shortId("emoji-1") + " -> (absent)"),
            new CheckpointDiff.Change("data", "emoji-2: (absent) -> " + shortId("emoji-2")),
            new CheckpointDiff.Change(
                "teacher",
                "gram teacher: tiny-1/pretrain@12 %s -> tiny-1/pretrain@24 %s"
                    .formatted(shortId("tiny-1/pretrain@12"), shortId("tiny-1/pretrain@24"))),
            new CheckpointDiff.Change("score", "knn10.top1: 0.5000 -> 0.7500"));
    assertThat(diff.lines()).anyMatch(line -> line.contains("seed: 1 -> 2"));
    assertThat(diff.json()).containsEntry("sameState", true);
  }

  @Test
  void theSameHistoryHasNoDifference() {
    CheckpointDiff.Side side = side(RECIPE, 2, "emoji", "tiny-1/pretrain@12", 0.5);
    CheckpointDiff diff = CheckpointDiff.of(side, side);

    assertThat(diff.changes()).isEmpty();
    assertThat(diff.lines()).anyMatch(line -> line.contains("nothing recorded"));
  }

  @Test
  void doesNotCallWhatIsUnknownDifferent() {
    CheckpointDiff.Side known = side(RECIPE, 2, "emoji", "tiny-1/pretrain@12", 0.5);
    CheckpointDiff.Side unknown =
        new CheckpointDiff.Side(
            known.row(), RECIPE, Optional.empty(), known.ancestry(), known.scores());

    assertThat(CheckpointDiff.of(known, unknown).changes()).isEmpty();
  }

  @Test
  void takesTheRecipeThatHeldWhenTheCheckpointWasMade() {
    CheckpointRow row = Rows.checkpoint("gram", 30, Optional.empty());
    List<RecipeRevision> revisions =
        List.of(
            revision("pretrain", "other stage", row.createdAt().minusSeconds(9)),
            revision("gram", "first", row.createdAt().minusSeconds(8)),
            revision("gram", "second", row.createdAt()),
            revision("gram", "later", row.createdAt().plusSeconds(1)));

    assertThat(DiffSides.inForce("opened", revisions, row)).isEqualTo("second");
    assertThat(DiffSides.inForce("opened", List.of(), row)).isEqualTo("opened");
  }

  private static RecipeRevision revision(String scope, String json, Instant at) {
    return new RecipeRevision(Rows.RUN, scope, 1, Sha256.ofText(json), json, "", at);
  }

  private static CheckpointDiff.Side side(
      String recipe, int threads, String dataset, String teacher, double score) {
    CheckpointRow row = Rows.checkpoint("gram", 30, Optional.empty());
    String name = "tiny-1/gram@30";
    Ancestry ancestry =
        new Rows.Graph()
            .checkpoint(name)
            .checkpoint(teacher)
            .artifact(ArtifactKind.DATASET, dataset)
            .edge(EdgeKind.GRAM_TEACHER, name, teacher)
            .edge(EdgeKind.DATASET, name, dataset)
            .from(name);
    return new CheckpointDiff.Side(
        row,
        recipe,
        Optional.of(new Environment("pytorch", "k", threads, "cpu", "avx2", "0." + threads)),
        ancestry,
        List.of(Metric.of("knn10.top1", score)));
  }

  private static String shortId(String name) {
    return Rows.id(name).shortForm();
  }

  @Test
  void findsWhoUsedADatasetAndWhoBuiltOnIt() {
    Ancestry down =
        new Rows.Graph()
            .artifact(ArtifactKind.SOURCE, "emoji")
            .artifact(ArtifactKind.DATASET, "curated")
            .checkpoint("tiny-1/pretrain@12")
            .checkpoint("tiny-1/pretrain@24")
            .checkpoint("tiny-1/distill/vit@8")
            .artifact(ArtifactKind.EVALUATION, "tiny-1/evaluate")
            .edge(EdgeKind.DATASET, "curated", "emoji")
            .edge(EdgeKind.DATASET, "tiny-1/pretrain@12", "curated")
            .edge(EdgeKind.DATASET, "tiny-1/pretrain@24", "curated")
            .edge(EdgeKind.PARENT, "tiny-1/pretrain@24", "tiny-1/pretrain@12")
            .edge(EdgeKind.DISTILLED_FROM, "tiny-1/distill/vit@8", "tiny-1/pretrain@24")
            .edge(EdgeKind.EVALUATED_ON, "tiny-1/evaluate", "emoji")
            .from("emoji");
    var emoji = dataset(ArtifactKind.SOURCE, "emoji");
    var curated = dataset(ArtifactKind.DATASET, "curated");

    assertThat(
            DatasetUse.of(emoji, down, Map.of(emoji.version(), emoji, curated.version(), curated)))
        .extracting(
            use ->
                use.how()
                    + " "
                    + use.dataset().name()
                    + " "
                    + use.artifacts()
                    + " "
                    + use.lastStep())
        .containsExactlyInAnyOrder(
            "CURATED emoji 1 0",
            "TRAINED curated 2 24",
            "MEASURED emoji 1 0",
            "INHERITED emoji 1 8");
    assertThat(DatasetUse.of(emoji, down, Map.of(emoji.version(), emoji)))
        .as("a picture that curation left out was not trained on")
        .noneMatch(use -> use.how() == DatasetUse.How.TRAINED);
    assertThat(DatasetUse.of(emoji, down, Map.of())).isEmpty();
  }

  private static DatasetRef dataset(ArtifactKind kind, String name) {
    return new DatasetRef(kind, name, Rows.id(name), 3);
  }
}
