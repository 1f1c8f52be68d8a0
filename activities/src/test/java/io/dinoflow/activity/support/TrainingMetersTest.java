package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.train.StepMetrics;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TrainingMetersTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @BeforeEach
  void listen() {
    Metrics.addRegistry(meters);
  }

  @AfterEach
  void forget() {
    Metrics.removeRegistry(meters);
  }

  @Test
  void countsStepsPicturesAndWaiting() {
    try (TrainingMeters training = TrainingMeters.open(new RunId("r"), "pretrain")) {
      training.step(new StepMetrics(7, Map.of("total_loss", 4.5), 32, 0.5, 0.1));
      training.step(new StepMetrics(8, Map.of("total_loss", 4.25), 32, 0.5, 0.2));

      assertThat(meters.get("dinoflow.train.steps").counter().count()).isEqualTo(2);
      assertThat(meters.get("dinoflow.train.images").counter().count()).isEqualTo(64);
      assertThat(meters.get("dinoflow.train.step").timer().totalTime(TimeUnit.MILLISECONDS))
          .isEqualTo(1_000);
      assertThat(meters.get("dinoflow.data.wait").timer().totalTime(TimeUnit.MILLISECONDS))
          .isEqualTo(300);
      assertThat(
              meters
                  .get("dinoflow.train.loss")
                  .tags("run", "r", "stage", "pretrain")
                  .gauge()
                  .value())
          .isEqualTo(4.25);
    }
  }

  @Test
  void namesOnlyTheRunAtHand() {
    for (String run : new String[] {"first", "second", "third"}) {
      try (TrainingMeters training = TrainingMeters.open(new RunId(run), "pretrain")) {
        training.step(new StepMetrics(1, Map.of("total_loss", 1.0), 8, 0.1, 0));

        assertThat(meters.find("dinoflow.train.step.number").gauges())
            .singleElement()
            .satisfies(gauge -> assertThat(gauge.getId().getTag("run")).isEqualTo(run));
      }
    }
    assertThat(meters.find("dinoflow.train.loss").gauges()).isEmpty();
    assertThat(meters.find("dinoflow.train.step.number").gauges()).isEmpty();
  }

  @Test
  void aPhaseIsOneCall() {
    TrainingMeters.phase("backward", 0.25);

    assertThat(meters.get("dinoflow.train.phase").tag("phase", "backward").timer().count())
        .isEqualTo(1);
  }
}
