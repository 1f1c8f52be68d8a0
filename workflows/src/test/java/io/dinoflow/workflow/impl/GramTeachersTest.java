package io.dinoflow.workflow.impl;

import static org.assertj.core.api.Assertions.assertThat;

import io.dinoflow.model.artifact.CheckpointRef;
import io.dinoflow.model.artifact.RunId;
import io.dinoflow.model.artifact.Sha256;
import io.dinoflow.model.artifact.TrackId;
import io.dinoflow.workflow.activity.StagePlan.GramPlan;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GramTeachersTest {
  private static final long FIRST = 200;
  private static final long EVERY = 24;

  @Test
  void aRefreshThatWouldFallOnTheLastStepIsNone() {
    GramTeachers teachers = teachers(FIRST + 3 * EVERY, 3);
    for (int i = 1; i <= 3; i++) {
      teachers.reached(checkpoint(FIRST + i * EVERY));
    }

    assertThat(teachers.at(FIRST + 3 * EVERY)).contains(checkpoint(FIRST + 2 * EVERY));
    assertThat(teachers.since(FIRST + 3 * EVERY)).isEqualTo(FIRST + 2 * EVERY);
    assertThat(teachers.until(FIRST + 3 * EVERY)).isEqualTo(FIRST + 3 * EVERY);
    assertThat(teachers.chosen()).hasSize(3);
  }

  @Test
  void theTeacherOfAStepIsTheNewestRefreshUpToIt() {
    GramTeachers teachers = teachers(FIRST + 3 * EVERY + 8, 0);
    for (int i = 1; i <= 3; i++) {
      teachers.reached(checkpoint(FIRST + i * EVERY));
    }

    assertThat(teachers.at(FIRST)).contains(checkpoint(FIRST));
    assertThat(teachers.at(FIRST + EVERY - 1)).contains(checkpoint(FIRST));
    assertThat(teachers.at(FIRST + EVERY)).contains(checkpoint(FIRST + EVERY));
    assertThat(teachers.at(FIRST + 3 * EVERY + 8)).contains(checkpoint(FIRST + 3 * EVERY));
  }

  private static GramTeachers teachers(long last, int updatesMax) {
    return new GramTeachers(
        Optional.of(new GramPlan("pretrain", EVERY, updatesMax)),
        FIRST,
        last,
        List.of(checkpoint(FIRST)));
  }

  private static CheckpointRef checkpoint(long step) {
    return new CheckpointRef(
        Sha256.ofText("checkpoint " + step),
        TrackId.of(new RunId("run"), "gram"),
        step,
        Sha256.ofText("state " + step));
  }
}
