package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * Official steps of Gram anchoring: the student begins elsewhere than the teacher, and the Gram
 * teacher is replaced by the EMA teacher on the way, as a stage's next segment does it.
 */
@GoldenFixture("train_gram")
class GramTrajectoryNumericsTest {
  private static final int EVERY = 7;

  @Test
  void stepsAndARefreshGiveTheOfficialLossesNormsAndWeights() {
    try (Golden golden = Golden.open("train_gram");
        Golden pretrain = Golden.open("train_pretrain")) {
      GoldenConfig config =
          new GoldenConfig(golden.json().get("config"), golden.json().get("arch"));
      JsonNode steps = golden.json().get("values").get("steps");
      GoldenTrajectory trajectory = new GoldenTrajectory(golden, config, steps);
      try (Learner learner = trajectory.learner("", golden, "init_student.")) {
        for (String module : learner.moduleNames()) {
          trajectory
              .module(pretrain, "init.", module)
              .forEach((n, t) -> Tensors.copy(learner.averaged(module).tensor(n), t));
        }
        StateDict gramTeacher = refreshed(golden, learner);
        Trainer trainer = trainer(golden, config, trajectory, learner, gramTeacher, 0);
        double normRelative = pretrain.json().get("tolerance").get("grad_norm_rel").asDouble();
        int refreshes = 0;
        for (JsonNode step : steps) {
          trajectory.step(trainer, learner, step, normRelative);
          if (step.get("gram_teacher_updated_after").asBoolean()) {
            gramTeacher = refreshed(golden, learner);
            trainer = trainer(golden, config, trajectory, learner, gramTeacher, trainer.step());
            refreshes++;
          }
        }
        assertThat(refreshes).isPositive();
        trajectory.weights("final_student.", learner, false, 1);
        trajectory.weights("final_teacher_every7.", learner, true, EVERY);
        Map<String, NDArray> frozen = new LinkedHashMap<>();
        gramTeacher.forEach((name, tensor) -> frozen.put(Networks.BACKBONE + "." + name, tensor));
        trajectory.weights("final_gram_teacher_every7.", frozen, EVERY);
      }
    }
  }

  private static StateDict refreshed(Golden golden, Learner learner) {
    return learner.averaged(Networks.BACKBONE).duplicate(golden.manager());
  }

  private static Trainer trainer(
      Golden golden,
      GoldenConfig config,
      GoldenTrajectory trajectory,
      Learner learner,
      StateDict gramTeacher,
      long step) {
    SslObjective objective =
        new SslObjective(
            config.train(),
            0,
            Precision.FP32,
            trajectory.backbone(),
            learner,
            trajectory.losses(),
            Optional.of(new SslObjective.GramTeacher(gramTeacher, config.gramLoss())),
            trajectory.batches(
                official -> {
                  String batch = "batch" + official.get("batch").asInt() + ".";
                  return new String[] {batch, batch};
                }),
            GoldenTrajectory.noProbe(config.crops()));
    return new LoopTrainer<>(
        objective, config.optim(), new HealthGuard(GoldenConfig.UNJUDGED), step);
  }
}
