package io.dinoflow.ops.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairedRatioTest {
  @Test
  void isTheMedianOfTheRatiosAndNotTheRatioOfTheMedians() {
    PairedRatio ratio = PairedRatio.of(new double[] {1, 20, 3}, new double[] {2, 10, 6});

    assertThat(ratio.median()).isEqualTo(0.5);
    assertThat(ratio.pairs()).isEqualTo(3);
  }

  @Test
  void anEvenNumberOfPairsHasTheMeanOfTheMiddleTwo() {
    assertThat(PairedRatio.median(new double[] {4, 1, 2, 9})).isEqualTo(3);
  }

  @Test
  void pairsThatAgreeLeaveNoDoubt() {
    PairedRatio ratio = PairedRatio.of(new double[] {3, 6, 9}, new double[] {4, 8, 12});

    assertThat(ratio.low()).isEqualTo(0.75);
    assertThat(ratio.high()).isEqualTo(0.75);
  }

  @Test
  void loadThatBothSidesOfAPairBearDoesNotShow() {
    SplittableRandom random = new SplittableRandom(3);
    double[] ours = new double[60];
    double[] theirs = new double[60];
    for (int i = 0; i < ours.length; i++) {
      double load = random.nextDouble(1, 10);
      ours[i] = load * 0.9 * random.nextDouble(0.95, 1.05);
      theirs[i] = load * random.nextDouble(0.95, 1.05);
    }

    PairedRatio ratio = PairedRatio.of(ours, theirs);

    assertThat(ratio.median()).isCloseTo(0.9, within(0.03));
    assertThat(ratio.low()).isLessThan(ratio.median());
    assertThat(ratio.high()).isGreaterThan(ratio.median()).isLessThan(1);
  }

  @Test
  void numbersWithoutAPartnerAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PairedRatio.of(new double[2], new double[3]))
        .withMessageContaining("2 numbers");
  }
}
