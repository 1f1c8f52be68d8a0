package io.dinoflow.model.curate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class RetrievalTest {

  private final Vectors blobs = CurateVectors.blobs(6, 30, 30, 30);

  @Test
  void findsNeighboursOfEverySeedInTurnAndNeverTheSeeds() {
    int[] found = Retrieval.nearest(blobs, new int[] {0, 31}, 20);
    assertThat(found).hasSize(20).doesNotHaveDuplicates().doesNotContain(0, 31);
    assertThat(java.util.Arrays.stream(found)).allMatch(i -> i < 60);
    assertThat(java.util.Arrays.stream(found).filter(i -> i < 30).count()).isEqualTo(10);
  }

  @Test
  void givesNoMoreThanThereIs() {
    assertThat(Retrieval.nearest(blobs, new int[] {5}, 1000)).hasSize(89);
    assertThat(Retrieval.nearest(blobs, new int[0], 10)).isEmpty();
    assertThat(Retrieval.nearest(blobs, new int[] {5}, 0)).isEmpty();
  }

  @Test
  void aMixtureKeepsEachPictureOnceUnderItsFirstBranchInSeededOrder() {
    List<Mixture.Branch> branches =
        List.of(
            new Mixture.Branch("cluster", new int[] {1, 2, 3, 4, 5, 6}),
            new Mixture.Branch("retrieval", new int[] {3, 7}));
    List<Mixture.Picked> mixed = Mixture.mix(branches, 1);
    assertThat(mixed).hasSize(7).doesNotHaveDuplicates();
    assertThat(mixed)
        .contains(new Mixture.Picked(3, "cluster"), new Mixture.Picked(7, "retrieval"));
    assertThat(mixed).isEqualTo(Mixture.mix(branches, 1)).isNotEqualTo(Mixture.mix(branches, 2));
  }
}
