package io.dinoflow.activity.support;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.train.Phase;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class StepPhasesTest {
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

  @BeforeEach
  void watch() {
    Metrics.addRegistry(meters);
  }

  @AfterEach
  void stop() {
    Metrics.removeRegistry(meters);
  }

  @Test
  void tellsEachPartOfAStepOnceHoweverOftenItCame() {
    StepPhases phases = new StepPhases();
    phases.add(Phase.STUDENT_FORWARD, 200_000_000);
    phases.add(Phase.BACKWARD, 300_000_000);
    phases.add(Phase.STUDENT_FORWARD, 200_000_000);
    phases.told();
    phases.add(Phase.BACKWARD, 500_000_000);
    phases.told();

    Timer forward = meters.get("dinoflow.train.phase").tag("phase", "student_forward").timer();
    assertThat(forward.count()).isEqualTo(1);
    assertThat(forward.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(400);
    Timer backward = meters.get("dinoflow.train.phase").tag("phase", "backward").timer();
    assertThat(backward.count()).isEqualTo(2);
    assertThat(backward.totalTime(TimeUnit.MILLISECONDS)).isEqualTo(800);
  }
}
