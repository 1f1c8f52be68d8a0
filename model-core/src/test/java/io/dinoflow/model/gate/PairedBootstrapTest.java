package io.dinoflow.model.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.dinoflow.model.gate.PairedBootstrap.Band;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.SeededRandom.Purpose;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
  private static final String METRIC = "knn10.top1";

  @Test
  void isAFunctionOfWhatItIsGiven() {
    boolean[] a = answers(300, 0.7, 1);
    boolean[] b = answers(300, 0.6, 2);

    assertThat(PairedBootstrap.of(a, b, 7, METRIC)).isEqualTo(PairedBootstrap.of(a, b, 7, METRIC));
    assertThat(PairedBootstrap.of(a, b, 8, METRIC))
        .isNotEqualTo(PairedBootstrap.of(a, b, 7, METRIC));
  }

  @Test
  void agreesWithTheNormalApproximationOfManyPictures() {
    int n = 4000;
    boolean[] a = answers(n, 0.7, 1);
    boolean[] b = answers(n, 0.68, 2);
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < n; i++) {
      int won = (a[i] ? 1 : 0) - (b[i] ? 1 : 0);
      sum += won;
      squares += won * won;
    }
    double mean = sum / n;
    double error = Math.sqrt((squares / n - mean * mean) / n);

    Band band = PairedBootstrap.of(a, b, 3, METRIC);
    assertThat(band.difference()).isCloseTo(mean, within(1e-12));
    assertThat(band.low()).isCloseTo(mean - 1.96 * error, within(0.1 * error));
    assertThat(band.high()).isCloseTo(mean + 1.96 * error, within(0.1 * error));
  }

  @Test
  void pairsThePicturesSoThatWhatIsHardForBothCancelsOut() {
    boolean[] champion = answers(500, 0.5, 1);
    boolean[] challenger = champion.clone();
    assertThat(PairedBootstrap.of(challenger, champion, 3, METRIC))
        .isEqualTo(new Band(500, 0, 0, 0));

    int fixed = 0;
    for (int i = 0; fixed < 10; i++) {
      fixed += challenger[i] ? 0 : 1;
      challenger[i] = true;
    }
    Band band = PairedBootstrap.of(challenger, champion, 3, METRIC);
    // two independent shares of 500 would have a band of 0.12 around the same difference
    assertThat(band.low()).isPositive();
    assertThat(band.high() - band.low()).isLessThan(0.03);
  }

  @Test
  void comparesEquallyManyAnswersOnly() {
    assertThatThrownBy(() -> PairedBootstrap.of(new boolean[2], new boolean[3], 1, METRIC))
        .hasMessageContaining("2 answers against 3");
    assertThatThrownBy(() -> PairedBootstrap.of(new boolean[0], new boolean[0], 1, METRIC))
        .hasMessageContaining("at least one");
  }

  private static boolean[] answers(int count, double share, int seed) {
    boolean[] right = new boolean[count];
    for (int i = 0; i < count; i++) {
      right[i] = SeededRandom.of(seed, Purpose.SAMPLE, i).nextBoolean(share);
    }
    return right;
  }
}
