package io.dinoflow.model.curate;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BalancedSamplerTest {

  private final Vectors blobs = CurateVectors.blobs(6, 500, 60, 20);
  private final Hierarchy hierarchy =
      new HierarchicalKMeans(List.of(12, 3), 20, 1, 10).cluster(blobs, 7);

  @Test
  void aRareGroupGetsAsMuchAsACommonOne() {
    int[] sample = new BalancedSampler(hierarchy, 7).sample(60);
    int[] perBlob = new int[3];
    for (int point : sample) {
      perBlob[point < 500 ? 0 : point < 560 ? 1 : 2]++;
    }
    assertThat(sample).hasSize(60).doesNotHaveDuplicates();
    assertThat(perBlob).containsExactly(20, 20, 20);
  }

  @Test
  void theTargetIsMetExactlyAndCappedByWhatIsThere() {
    for (int target : new int[] {0, 1, 17, 579, 580, 10_000}) {
      assertThat(new BalancedSampler(hierarchy, 7).sample(target))
          .hasSize(Math.min(target, 580))
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void theSameSeedDrawsTheSamePoints() {
    int[] first = new BalancedSampler(hierarchy, 7).sample(50);
    assertThat(new BalancedSampler(hierarchy, 7).sample(50)).isEqualTo(first);
    assertThat(new BalancedSampler(hierarchy, 8).sample(50)).isNotEqualTo(first);
  }

  @Test
  void sharesAreAsEvenAsTheSizesAllow() {
    int[] shares =
        BalancedSampler.shares(new int[] {2, 100, 5, 0}, 27, SeededRandom.of(0, Purpose.SAMPLE));
    assertThat(shares).containsExactly(2, 20, 5, 0);
    int[] uneven =
        BalancedSampler.shares(new int[] {9, 9, 9}, 10, SeededRandom.of(0, Purpose.SAMPLE));
    assertThat(Arrays.stream(uneven).sum()).isEqualTo(10);
    assertThat(uneven).containsOnly(3, 4);
  }

  @Test
  void pathsLeadFromTheCoarsestClusterToTheFinest() {
    String[] path = hierarchy.path(3).split("/");
    assertThat(path).hasSize(2);
    int fine = hierarchy.levels().get(0).assignment()[3];
    assertThat(path[1]).isEqualTo("" + fine);
    assertThat(path[0]).isEqualTo("" + hierarchy.levels().get(1).assignment()[fine]);
  }

  @Test
  void resamplingGivesDenseRegionsFewerCentroids() {
    Vectors skewed = CurateVectors.blobs(6, 900, 30, 30);
    int plain = dense(new HierarchicalKMeans(List.of(30), 20, 0, 8).cluster(skewed, 3));
    int resampled = dense(new HierarchicalKMeans(List.of(30), 20, 3, 8).cluster(skewed, 3));
    assertThat(resampled).isLessThan(plain);
  }

  /** Clusters of the first blob. */
  private static int dense(Hierarchy clusters) {
    return (int) Arrays.stream(clusters.levels().get(0).assignment()).limit(900).distinct().count();
  }
}
