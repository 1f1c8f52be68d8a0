package io.dinoflow.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.RunId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WorkflowIdsTest {
  @Test
  void aFiringNamesItsRunAndTheRunItsSchedule() {
    RunId run = WorkflowIds.scheduled("night-1", Instant.parse("2030-05-01T03:00:00Z"));

    assertThat(run.value()).isEqualTo("night-1-20300501T030000Z");
    assertThat(WorkflowIds.scheduleOf(run)).contains("night-1");
  }

  @Test
  void aRunThatAPersonStartedBelongsToNoSchedule() {
    assertThat(WorkflowIds.scheduleOf(new RunId("demo-1a2b3c4d"))).isEmpty();
    assertThat(WorkflowIds.scheduleOf(new RunId("demo-fast-20300501T030000Z")))
        .contains("demo-fast");
  }
}
