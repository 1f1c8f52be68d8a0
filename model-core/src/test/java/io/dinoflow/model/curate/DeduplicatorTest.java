package io.dinoflow.model.curate;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.Sha256;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeduplicatorTest {

  @Test
  void equalBytesAndCloseDescriptorsGoAndTheFirstStays() {
    Vectors vectors =
        CurateVectors.unit(new Vectors(5, 2, new float[] {1, 0, 1, 0.01f, 0, 1, 1, 1, 0, 1}));
    List<Sha256> digests = digests("a", "b", "c", "d", "c");
    Deduplicator.Result result = new Deduplicator(0.99).deduplicate(digests, vectors);
    assertThat(result.kept()).containsExactly(0, 2, 3);
    assertThat(result.exact()).isEqualTo(1);
    assertThat(result.near()).isEqualTo(1);
  }

  @Test
  void aThresholdAboveOneComparesBytesOnly() {
    Vectors same = new Vectors(3, 1, new float[] {1, 1, 1});
    assertThat(new Deduplicator(1.5).deduplicate(digests("a", "b", "a"), same).kept())
        .containsExactly(0, 1);
  }

  @Test
  void blocksDecideAsPairByPairComparisonDoes() {
    Vectors vectors = CurateVectors.blobs(5, 80, 90, 70);
    List<Sha256> digests = new ArrayList<>();
    for (int i = 0; i < vectors.count(); i++) {
      digests.add(Sha256.ofText("" + i));
    }
    List<Integer> expected = new ArrayList<>();
    for (int i = 0; i < vectors.count(); i++) {
      int candidate = i;
      if (expected.stream().noneMatch(k -> vectors.dot(candidate, vectors, k) >= 0.995)) {
        expected.add(i);
      }
    }
    assertThat(new Deduplicator(0.995).deduplicate(digests, vectors).kept())
        .containsExactly(expected.stream().mapToInt(Integer::intValue).toArray());
    assertThat(expected.size()).isBetween(4, 239);
  }

  private static List<Sha256> digests(String... texts) {
    return java.util.Arrays.stream(texts).map(Sha256::ofText).toList();
  }
}
