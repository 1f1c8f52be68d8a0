package io.dinoflow.model.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.dinoflow.model.artifact.Metric;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RecallsTest {
  private static final int PICTURES = 200;

  @BeforeAll
  static void prepare() {
    TorchKernels.prepareThread(1);
  }

  private static Map<String, Double> metrics(
      float[][] pictures, float[][] captions, int[] captionOf) {
    Recalls recalls =
        new Recalls(
            Retrieval.rank(captions, pictures, 10).rows(),
            Retrieval.rank(pictures, captions, 10).rows(),
            captionOf);
    return recalls.metrics(1).stream().collect(Collectors.toMap(Metric::name, Metric::value));
  }

  private static float[][] directions(int count, long seed) {
    SeededRandom random = SeededRandom.of(seed, Purpose.SAMPLE);
    float[][] vectors = new float[count][16];
    for (float[] vector : vectors) {
      double squares = 0;
      for (int i = 0; i < vector.length; i++) {
        vector[i] = (float) random.nextGaussian();
        squares += vector[i] * vector[i];
      }
      for (int i = 0; i < vector.length; i++) {
        vector[i] /= (float) Math.sqrt(squares);
      }
    }
    return vectors;
  }

  @Test
  void equalEmbeddingsFindEachOtherFirst() {
    float[][] both = directions(PICTURES, 1);
    Map<String, Double> found = metrics(both, both, IntStream.range(0, PICTURES).toArray());
    assertThat(found.get("text_to_image.recall1")).isEqualTo(1);
    assertThat(found.get("image_to_text.recall1")).isEqualTo(1);
    // Of 200 captions 10 are looked at: one in twenty by chance.
    assertThat(found.get("text_to_image.recall10.chance")).isCloseTo(0.05, within(0.015));
    assertThat(found.get("image_to_text.recall10.chance")).isCloseTo(0.05, within(0.015));
    assertThat(found.get("text_to_image.recall10.over_chance"))
        .isCloseTo(1 / found.get("text_to_image.recall10.chance"), within(1e-9));
  }

  @Test
  void unrelatedEmbeddingsAreAtChance() {
    Map<String, Double> found =
        metrics(
            directions(PICTURES, 1),
            directions(PICTURES, 2),
            IntStream.range(0, PICTURES).toArray());
    assertThat(found.get("text_to_image.recall10.over_chance")).isBetween(0.2, 2.2);
    assertThat(found.get("image_to_text.recall10.over_chance")).isBetween(0.2, 2.2);
  }

  @Test
  void anyPictureWithTheCaptionIsAHit() {
    float[][] captions = {{1, 0}, {0, 1}};
    float[][] pictures = {{1, 0}, {0.9f, 0.1f}, {0.8f, 0.2f}, {0, 1}};
    // The first caption's picture is only second best; caption 1 is that of the other three.
    int[] captionOf = {1, 0, 1, 1};
    Recalls recalls =
        new Recalls(
            Retrieval.rank(captions, pictures, 10).rows(),
            Retrieval.rank(pictures, captions, 10).rows(),
            captionOf);
    assertThat(recalls.picturesOf()[0]).startsWith(0, 1, 2);
    assertThat(recalls.ofTexts(captionOf, 1)).isEqualTo(0.5);
    assertThat(recalls.ofTexts(captionOf, 2)).isEqualTo(1);
    assertThat(recalls.ofImages(captionOf, 1)).isEqualTo(0.5);
    assertThat(recalls.ofImages(captionOf, 2)).isEqualTo(1);
  }

  @Test
  void chanceThatNeverHitGivesNoRatio() {
    Recalls recalls = new Recalls(new long[][] {{}, {}}, new long[][] {{}, {}}, new int[] {0, 1});
    assertThat(recalls.metrics(1).stream().map(Metric::name).toList())
        .contains("text_to_image.recall10", "text_to_image.recall10.chance")
        .noneMatch(name -> name.endsWith("over_chance"));
    assertThat(recalls.metrics(1)).isEqualTo(recalls.metrics(1));
    assertThat(List.of(recalls.ofTexts(new int[] {0, 1}, 10))).containsExactly(0.0);
  }
}
