package io.dinoflow.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.temporal.testing.TestWorkflowEnvironment;
import org.junit.jupiter.api.Test;

class MaintenanceSchedulesTest {
  @Test
  void saysThatTheInMemoryTemporalHasNoSchedules() {
    try (TestWorkflowEnvironment environment = TestWorkflowEnvironment.newInstance()) {
      assertThat(new MaintenanceSchedules(environment.getWorkflowClient(), "dinoflow").ensure())
          .isEqualTo("no schedules here, so nothing is collected by itself: `dinoflow gc` does it");
    }
  }
}
