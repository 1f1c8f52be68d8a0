package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.nn.Features;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.train.SelfDistillation.Network;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The first pre-training step from the inside: features, logits, targets and every gradient. */
@GoldenFixture("train_pretrain_step0_detail")
class StepDetailNumericsTest {

  @Test
  void theFirstStepHasTheOfficialFeaturesTargetsAndGradients() throws IOException {
    try (Golden golden = Golden.open("train_pretrain_step0_detail");
        Golden pretrain = Golden.open("train_pretrain");
        TensorScope scope = TensorScope.under(golden.manager())) {
      GoldenConfig config =
          new GoldenConfig(pretrain.json().get("config"), pretrain.json().get("arch"));
      GoldenTrajectory trajectory =
          new GoldenTrajectory(pretrain, config, pretrain.json().get("values").get("steps"));
      Batch batch =
          trajectory.batches(step -> new String[] {"batch0.", "batch0."}).slot().assemble(0);
      CropTensors crops =
          CropTensors.of(
              scope, batch, trajectory.backbone().stride(), config.crops().localCropsNumber());
      try (Learner learner = trajectory.learner("", pretrain, "init.")) {
        Targets targets = teacher(golden, scope, config, trajectory, learner, crops);
        student(golden, scope, config, trajectory, learner, crops);
        gradients(golden, scope, trajectory, learner, crops, targets);
      }
    }
  }

  private static Targets teacher(
      Golden golden,
      TensorScope scope,
      GoldenConfig config,
      GoldenTrajectory trajectory,
      Learner learner,
      CropTensors crops) {
    Network teacher =
        new Network(
            trajectory.backbone(),
            learner.averaged(Networks.BACKBONE),
            learner.averaged(Networks.DINO_HEAD),
            learner.averaged(Networks.IBOT_HEAD));
    Features features =
        teacher.backbone().forward(scope, teacher.weights(), crops.globals_2B3HW(), Pass.eval());
    Head dino = Networks.head(teacher.backbone(), config.head("dino"));
    compare(golden, "teacher.cls_pre_head", features.cls_BD());
    compare(
        golden,
        "teacher.cls_after_head",
        dino.forward(scope, teacher.dinoHead(), features.cls_BD()));
    Targets targets =
        trajectory
            .losses()
            .targets(scope, teacher, crops, Rates.at(config.optim(), 0).teacherTemp());
    compare(golden, "teacher.cls_centered", targets.cls_2BK());
    compare(golden, "teacher.masked_patch_centered", targets.patches_MK());
    return targets;
  }

  private static void student(
      Golden golden,
      TensorScope scope,
      GoldenConfig config,
      GoldenTrajectory trajectory,
      Learner learner,
      CropTensors crops) {
    Features global =
        trajectory
            .backbone()
            .forward(
                scope,
                learner.weights(Networks.BACKBONE),
                crops.globals_2B3HW(),
                Pass.globalCrops(0, 0).masked(crops.masks_2BN()));
    Features local =
        trajectory
            .backbone()
            .forward(
                scope,
                learner.weights(Networks.BACKBONE),
                crops.locals_LB3hw().orElseThrow(),
                Pass.localCrops(0, 0));
    Head dino = Networks.head(trajectory.backbone(), config.head("dino"));
    Head ibot = Networks.head(trajectory.backbone(), config.head("ibot"));
    NDArray patches = Tensors.pick(scope, global.patches_BND(), crops.maskIndices_M());
    compare(golden, "student_global.cls_pre_head", global.cls_BD());
    compare(
        golden,
        "student_global.cls_after_head",
        dino.forward(scope, learner.weights(Networks.DINO_HEAD), global.cls_BD()));
    compare(golden, "student_global.masked_patch_pre_head", patches);
    compare(
        golden,
        "student_global.masked_patch_after_head",
        ibot.forward(scope, learner.weights(Networks.IBOT_HEAD), patches));
    compare(golden, "student_local.cls_pre_head", local.cls_BD());
    compare(
        golden,
        "student_local.cls_after_head",
        dino.forward(scope, learner.weights(Networks.DINO_HEAD), local.cls_BD()));
  }

  private static void gradients(
      Golden golden,
      TensorScope scope,
      GoldenTrajectory trajectory,
      Learner learner,
      CropTensors crops,
      Targets targets) {
    NDList gradients;
    try (Gradients.Recording recording = Gradients.record()) {
      Loss loss =
          trajectory
              .losses()
              .loss(
                  scope,
                  new Network(
                      trajectory.backbone(),
                      learner.weights(Networks.BACKBONE),
                      learner.weights(Networks.DINO_HEAD),
                      learner.weights(Networks.IBOT_HEAD)),
                  crops,
                  targets,
                  Pass.globalCrops(0, 0).masked(crops.masks_2BN()),
                  Pass.localCrops(0, 0),
                  Optional.empty(),
                  Turn.of(0));
      gradients = Gradients.of(scope, loss.total(), learner.parameters());
    }
    List<String> compared = new ArrayList<>();
    int at = 0;
    for (String module : learner.moduleNames()) {
      for (String name : learner.weights(module).names()) {
        NDArray gradient = gradients.get(at++);
        String tensor = "grad." + module + "." + name;
        if (golden.has(tensor)) {
          golden.compare(tensor, gradient);
          compared.add(tensor);
        }
      }
    }
    assertThat(compared).isNotEmpty();
  }

  /** The official code keeps the crops in an axis of their own; rows are the same. */
  private static void compare(Golden golden, String tensor, NDArray ours) {
    golden.compare(tensor, ours.reshape(golden.tensor(tensor).getShape()));
  }
}
