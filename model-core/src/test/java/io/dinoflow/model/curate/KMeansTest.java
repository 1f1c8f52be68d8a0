package io.dinoflow.model.curate;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class KMeansTest {

  private final Vectors blobs = CurateVectors.blobs(6, 50, 20, 5);

  @Test
  void separatesBlobsOfUnequalSize() {
    KMeans.Clusters clusters = new KMeans(20).cluster(blobs, 3, random(0));
    int[] sizes = clusters.sizes();
    Arrays.sort(sizes);
    assertThat(sizes).containsExactly(5, 20, 50);
    assertThat(clusters.assignment()[0]).isEqualTo(clusters.assignment()[49]);
    assertThat(clusters.assignment()[0]).isNotEqualTo(clusters.assignment()[50]);
  }

  @Test
  void everyPointLiesWithItsNearestCentroidAndMoreIterationsAreNeverWorse() {
    KMeans.Clusters one = new KMeans(1).cluster(blobs, 8, random(2));
    KMeans.Clusters many = new KMeans(30).cluster(blobs, 8, random(2));
    assertThat(many.inertia()).isLessThanOrEqualTo(one.inertia());
    for (int i = 0; i < blobs.count(); i++) {
      double own = KMeans.distance(blobs, i, many.centroids(), many.assignment()[i]);
      for (int c = 0; c < 8; c++) {
        assertThat(own).isLessThanOrEqualTo(KMeans.distance(blobs, i, many.centroids(), c) + 1e-5);
      }
    }
  }

  @Test
  void anEmptiedClusterIsFilledAgain() {
    // Nine equal points and one other: k-means++ must draw equal starts.
    float[] values = new float[10];
    values[9] = 1;
    KMeans.Clusters clusters = new KMeans(10).cluster(new Vectors(10, 1, values), 2, random(3));
    int[] sizes = clusters.sizes();
    Arrays.sort(sizes);
    assertThat(sizes).containsExactly(1, 9);
  }

  @Test
  void theSameSeedGivesTheSameClusters() {
    assertThat(new KMeans(10).cluster(blobs, 4, random(5)).assignment())
        .isEqualTo(new KMeans(10).cluster(blobs, 4, random(5)).assignment());
  }

  @Test
  void makesNoMoreClustersThanPoints() {
    Vectors two = blobs.rows(new int[] {0, 60});
    assertThat(new KMeans(5).cluster(two, 9, random(1)).sizes()).containsOnly(1).hasSize(2);
  }

  private static SeededRandom random(long i) {
    return SeededRandom.of(i, Purpose.KMEANS);
  }
}
