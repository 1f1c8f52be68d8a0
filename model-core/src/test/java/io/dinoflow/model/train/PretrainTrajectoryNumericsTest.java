package io.dinoflow.model.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.golden.OwnGoldens;
import io.dinoflow.model.tensor.Precision;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Official pre-training steps: losses, gradient norms and final weights. */
@GoldenFixture("train_pretrain")
@OwnGoldens
class PretrainTrajectoryNumericsTest {

  @Test
  void stepsGiveTheOfficialLossesNormsAndWeights() {
    try (Golden golden = Golden.open("train_pretrain")) {
      GoldenConfig config =
          new GoldenConfig(golden.json().get("config"), golden.json().get("arch"));
      JsonNode steps = golden.json().get("values").get("steps");
      GoldenTrajectory trajectory = new GoldenTrajectory(golden, config, steps);
      try (Learner learner = trajectory.learner("", golden, "init.")) {
        SslObjective objective =
            new SslObjective(
                config.train(),
                0,
                Precision.FP32,
                trajectory.backbone(),
                learner,
                trajectory.losses(),
                Optional.empty(),
                trajectory.batches(
                    step -> {
                      String batch = "batch" + step.get("batch").asInt() + ".";
                      return new String[] {batch, batch};
                    }),
                GoldenTrajectory.noProbe(config.crops()));
        Trainer trainer =
            new LoopTrainer<>(objective, config.optim(), new HealthGuard(GoldenConfig.UNJUDGED), 0);
        double normRelative = golden.json().get("tolerance").get("grad_norm_rel").asDouble();
        for (JsonNode step : steps) {
          trajectory.step(trainer, learner, step, normRelative);
        }
        trajectory.weights("final_student.", learner, false, 1);
        trajectory.weights("final_teacher.", learner, true, 1);
      }
    }
  }
}
