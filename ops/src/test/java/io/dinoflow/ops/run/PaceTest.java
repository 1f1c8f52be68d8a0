package io.dinoflow.ops.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.workflow.activity.Progress;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PaceTest {
  @Test
  void saysWhatPartOfTheTimeIsWaitedForDataFromAPercentOn() {
    assertThat(Pace.words(training(84, 0.124))).isEqualTo("  84 img/s  waits for data 12 %");
    assertThat(Pace.words(training(84, 0.01))).isEqualTo("  84 img/s  waits for data 1 %");
    assertThat(Pace.words(training(84, 0.009))).isEqualTo("  84 img/s");
  }

  @Test
  void saysNothingBeforeASpeedIsKnown() {
    assertThat(Pace.words(training(0, 1))).isEmpty();
  }

  private static Progress training(double imagesPerSecond, double dataWaitShare) {
    return new Progress(
        "pretrain",
        "training",
        1,
        2,
        "steps",
        Optional.empty(),
        imagesPerSecond,
        0,
        dataWaitShare,
        "");
  }
}
