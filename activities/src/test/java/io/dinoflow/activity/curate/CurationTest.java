package io.dinoflow.activity.curate;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.activity.testing.Bench;
import io.dinoflow.model.artifact.Sample;
import io.dinoflow.model.curate.Vectors;
import io.dinoflow.model.recipe.StageRecipe;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** On points around three centres: 300, 60 and 12 of them, and copies of some. */
class CurationTest {
  private static final int DIM = 16;
  private static final int[] SIZES = {300, 60, 12};
  private static final int COPIES = 20;
  private static final int NEAR_COPIES = 10;
  private static final int SOURCE = 300 + 60 + 12 + COPIES + NEAR_COPIES;

  private final List<Sample> samples = new ArrayList<>();
  private final Vectors vectors = generated();

  @Test
  void accountsForEveryPictureOfTheFunnel() {
    List<String> phases = new ArrayList<>();
    Curation.Result result = new Curation(recipe(60, 8), 7, phases::add).curate(samples, vectors);
    Curation.Funnel funnel = result.funnel();
    assertThat(phases).containsExactly("deduplicating", "clustering", "sampling");
    assertThat(funnel.source()).isEqualTo(SOURCE);
    assertThat(funnel.exactDuplicates()).isEqualTo(COPIES);
    assertThat(funnel.nearDuplicates()).isEqualTo(NEAR_COPIES);
    assertThat(funnel.deduplicated()).isEqualTo(SOURCE - COPIES - NEAR_COPIES);
    assertThat(funnel.sampled()).isEqualTo(60);
    assertThat(funnel.seeds()).isEqualTo(4);
    assertThat(funnel.retrieved()).isEqualTo(8);
    assertThat(funnel.dataset()).isEqualTo(result.taken().size()).isBetween(60, 68);
    for (List<Integer> level : funnel.clusterSizes()) {
      assertThat(level).isSortedAccordingTo((a, b) -> b - a);
    }
    assertThat(funnel.clusterSizes().get(0).stream().mapToInt(Integer::intValue).sum())
        .isEqualTo(funnel.deduplicated());
    assertThat(result.taken()).extracting(taken -> taken.sample().key()).doesNotHaveDuplicates();
    assertThat(result.taken()).extracting(taken -> taken.sample().sha256()).doesNotHaveDuplicates();
    assertThat(result.taken())
        .extracting(Curation.Taken::sampledBy)
        .contains("cluster", "retrieval");
    assertThat(result.taken())
        .allSatisfy(taken -> assertThat(taken.clusterPath()).matches("\\d+/\\d+"));
  }

  @Test
  void givesARareKindMoreThanItsShare() {
    Curation.Result result = new Curation(recipe(36, 0), 7, phase -> {}).curate(samples, vectors);
    long rare = result.taken().stream().filter(t -> t.sample().label().equals("2")).count();
    assertThat(rare)
        .as("of 12 in %d, %d taken", SOURCE, result.taken().size())
        .isGreaterThanOrEqualTo(6);
  }

  @Test
  void takesAllWhereNoSizeIsWanted() {
    Curation.Result result = new Curation(recipe(0, 0), 7, phase -> {}).curate(samples, vectors);
    assertThat(result.taken()).hasSize(SOURCE - COPIES - NEAR_COPIES);
    assertThat(result.taken()).extracting(Curation.Taken::sampledBy).containsOnly("all");
  }

  @Test
  void isAFunctionOfTheSeed() {
    Curation.Result one = new Curation(recipe(60, 8), 7, phase -> {}).curate(samples, vectors);
    Curation.Result two = new Curation(recipe(60, 8), 7, phase -> {}).curate(samples, vectors);
    Curation.Result other = new Curation(recipe(60, 8), 8, phase -> {}).curate(samples, vectors);
    assertThat(one).isEqualTo(two);
    assertThat(other.taken()).isNotEqualTo(one.taken());
  }

  @Test
  void takesWhatThereIsWhereMoreIsWanted() {
    Curation.Result result =
        new Curation(recipe(100_000, 100_000), 7, phase -> {}).curate(samples, vectors);
    assertThat(result.funnel().dataset()).isLessThanOrEqualTo(SOURCE - COPIES - NEAR_COPIES);
    assertThat(result.taken()).hasSize(result.funnel().dataset());
    Curation.Result single =
        new Curation(recipe(5, 3), 7, phase -> {})
            .curate(samples.subList(0, 1), vectors.rows(new int[] {0}));
    assertThat(single.taken()).hasSize(1);
  }

  private static StageRecipe.Curate recipe(int target, int retrieval) {
    return new StageRecipe.Curate(
        "curate", "starter", 0.9999, List.of(12, 3), 20, target, retrieval, 4, 1 << 20, 0);
  }

  private Vectors generated() {
    Random random = new Random(11);
    List<float[]> rows = new ArrayList<>();
    for (int kind = 0; kind < SIZES.length; kind++) {
      for (int i = 0; i < SIZES[kind]; i++) {
        float[] row = new float[DIM];
        for (int d = 0; d < DIM; d++) {
          row[d] = (float) (random.nextGaussian() * 0.15 + (d == kind ? 1 : 0));
        }
        rows.add(unit(row));
        samples.add(labelled("%d-%03d".formatted(kind, i), Integer.toString(kind)));
      }
    }
    for (int i = 0; i < COPIES; i++) {
      rows.add(rows.get(i).clone());
      Sample original = samples.get(i);
      samples.add(copy(original, "copy-" + i));
    }
    for (int i = 0; i < NEAR_COPIES; i++) {
      float[] near = rows.get(100 + i).clone();
      near[0] += 1e-4f;
      rows.add(unit(near));
      samples.add(labelled("near-" + i, "0"));
    }
    float[] values = new float[rows.size() * DIM];
    for (int i = 0; i < rows.size(); i++) {
      System.arraycopy(rows.get(i), 0, values, i * DIM, DIM);
    }
    return new Vectors(rows.size(), DIM, values);
  }

  private static float[] unit(float[] row) {
    double sum = 0;
    for (float v : row) {
      sum += v * v;
    }
    for (int d = 0; d < row.length; d++) {
      row[d] = (float) (row[d] / Math.sqrt(sum));
    }
    return row;
  }

  private static Sample labelled(String key, String label) {
    Sample s = Bench.sample(key);
    return new Sample(
        s.key(),
        s.shard(),
        s.offset(),
        s.bytes(),
        s.sha256(),
        s.width(),
        s.height(),
        label,
        s.caption(),
        s.group(),
        s.variant(),
        s.source(),
        s.licence(),
        s.clusterPath(),
        s.sampledBy());
  }

  private static Sample copy(Sample s, String key) {
    return new Sample(
        key,
        s.shard(),
        s.offset(),
        s.bytes(),
        s.sha256(),
        s.width(),
        s.height(),
        s.label(),
        s.caption(),
        key,
        s.variant(),
        s.source(),
        s.licence(),
        s.clusterPath(),
        s.sampledBy());
  }
}
