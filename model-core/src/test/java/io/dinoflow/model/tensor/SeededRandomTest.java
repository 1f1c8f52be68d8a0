package io.dinoflow.model.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.dinoflow.model.tensor.SeededRandom.Purpose;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SeededRandomTest {

  @Test
  void theSameCoordinatesGiveTheSameNumbers() {
    long[] a = draws(SeededRandom.of(7, Purpose.CROP, 3, 1));
    long[] b = draws(SeededRandom.of(7, Purpose.CROP, 3, 1));
    assertThat(a).isEqualTo(b);
  }

  @Test
  void anyOtherSeedPurposeOrCoordinateGivesOtherNumbers() {
    long[] a = draws(SeededRandom.of(7, Purpose.CROP, 3, 1));
    assertThat(draws(SeededRandom.of(8, Purpose.CROP, 3, 1))).isNotEqualTo(a);
    assertThat(draws(SeededRandom.of(7, Purpose.COLOUR, 3, 1))).isNotEqualTo(a);
    assertThat(draws(SeededRandom.of(7, Purpose.CROP, 1, 3))).isNotEqualTo(a);
    assertThat(draws(SeededRandom.of(7, Purpose.CROP, 3))).isNotEqualTo(a);
  }

  @Test
  void uniformNumbersHaveTheMeanAndSpreadOfTheUniformDistribution() {
    SeededRandom random = SeededRandom.of(1, Purpose.ORDER);
    double[] x = new double[20_000];
    Arrays.setAll(x, i -> random.nextDouble());
    assertThat(Arrays.stream(x).average().orElseThrow()).isCloseTo(0.5, within(0.01));
    double variance = Arrays.stream(x).map(v -> (v - 0.5) * (v - 0.5)).average().orElseThrow();
    assertThat(variance).isCloseTo(1 / 12.0, within(0.003));
  }

  @Test
  void gaussianNumbersHaveMeanZeroAndDeviationOne() {
    SeededRandom random = SeededRandom.of(1, Purpose.INIT);
    double[] x = new double[20_000];
    Arrays.setAll(x, i -> random.nextGaussian());
    assertThat(Arrays.stream(x).average().orElseThrow()).isCloseTo(0, within(0.03));
    assertThat(Arrays.stream(x).map(v -> v * v).average().orElseThrow()).isCloseTo(1, within(0.05));
  }

  @Test
  void aPermutationHoldsEveryIndexOnce() {
    int[] order = SeededRandom.of(2, Purpose.ORDER, 9).permutation(1000);
    assertThat(Arrays.stream(order).sorted().toArray())
        .isEqualTo(IntStream.range(0, 1000).toArray());
    assertThat(order).isNotEqualTo(IntStream.range(0, 1000).toArray());
  }

  @Test
  void boundedNumbersStayWithinTheBound() {
    SeededRandom random = SeededRandom.of(3, Purpose.SAMPLE);
    int[] counts = new int[3];
    for (int i = 0; i < 30_000; i++) {
      counts[random.nextInt(3)]++;
    }
    for (int count : counts) {
      assertThat(count).isBetween(9_700, 10_300);
    }
    assertThatThrownBy(() -> random.nextInt(0)).hasMessageContaining("bound is 0");
  }

  private static long[] draws(SeededRandom random) {
    long[] x = new long[8];
    Arrays.setAll(x, i -> random.nextLong());
    return x;
  }
}
