package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.tensor.Precision;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Official steps of two students of one teacher. Their masks and learning rates differ, so each
 * runs as a group of its own, as the fixture was made.
 */
@GoldenFixture("train_multidistillation")
class DistillTrajectoryNumericsTest {
  private static final int EVERY = 7;

  @Test
  void everyStudentGetsTheOfficialLossesNormsAndWeights() {
    try (Golden golden = Golden.open("train_multidistillation");
        Golden pretrain = Golden.open("train_pretrain")) {
      GoldenTrajectory teacher =
          new GoldenTrajectory(
              pretrain,
              new GoldenConfig(pretrain.json().get("config"), pretrain.json().get("arch")),
              pretrain.json().get("values").get("steps"));
      double normRelative = pretrain.json().get("tolerance").get("grad_norm_rel").asDouble();
      JsonNode students = golden.json().get("values");
      assertThat(students).isNotEmpty();
      students
          .properties()
          .forEach(e -> student(golden, pretrain, teacher, e.getKey(), e.getValue(), normRelative));
    }
  }

  private static void student(
      Golden golden,
      Golden pretrain,
      GoldenTrajectory teacher,
      String name,
      JsonNode student,
      double normRelative) {
    GoldenConfig config = new GoldenConfig(student.get("config"), student.get("arch"));
    JsonNode steps = student.get("steps");
    GoldenTrajectory trajectory = new GoldenTrajectory(golden, config, steps);
    try (Learner learner = trajectory.learner(name, golden, name + ".init.")) {
      DistillObjective objective =
          new DistillObjective(
              config.distill(name),
              0,
              Precision.FP32,
              teacher.network(pretrain, "init."),
              teacher.losses(),
              List.of(
                  new DistillObjective.Pupil(
                      learner,
                      trajectory.backbone(),
                      trajectory.losses(),
                      GoldenTrajectory.noProbe(config.crops()))),
              trajectory.batches(step -> new String[] {"images.", name + "."}));
      Trainer trainer =
          new LoopTrainer<>(objective, config.optim(), new HealthGuard(GoldenConfig.UNJUDGED), 0);
      for (JsonNode step : steps) {
        trajectory.step(trainer, learner, step, normRelative);
      }
      assertThat(objective.teacherForwards()).isEqualTo(steps.size());
      trajectory.weights(name + ".final.", learner, false, 1);
      trajectory.weights(name + ".final_ema_every7.", learner, true, EVERY);
    }
  }
}
