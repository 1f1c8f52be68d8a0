package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.golden.GoldenFixture;
import io.dinoflow.model.kernel.Gradients;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.nn.Pass;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.train.SelfDistillation.Network;
import io.dinoflow.model.weights.StateDict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Five steps of the official training loop: losses, gradient norms and final weights. */
@GoldenFixture("train_pretrain")
class PretrainTrajectoryNumericsTest {

  @Test
  void fiveStepsGiveTheOfficialLossesNormsAndWeights() {
    try (Golden golden = Golden.open("train_pretrain")) {
      GoldenConfig config =
          new GoldenConfig(golden.json().get("config"), golden.json().get("arch"));
      Backbone backbone = Backbones.of(config.backbone());
      Head dinoHead = Networks.head(backbone, config.head("dino"));
      Head ibotHead = Networks.head(backbone, config.head("ibot"));
      SelfDistillation losses =
          new SelfDistillation(config.losses(), config.localCrops(), dinoHead, ibotHead);
      ParameterGroups groups = ParameterGroups.of(config.optim());
      try (Learner learner = new Learner(golden.manager(), "")) {
        for (String module : List.of(Networks.BACKBONE, Networks.DINO_HEAD, Networks.IBOT_HEAD)) {
          List<String> names =
              module.equals(Networks.BACKBONE)
                  ? backbone.parameters().stream().map(p -> p.name()).toList()
                  : (module.equals(Networks.DINO_HEAD) ? dinoHead : ibotHead)
                      .parameters().stream().map(p -> p.name()).toList();
          StateDict init = new StateDict(golden.under("init." + module + ".")).only(names);
          learner.add(module, init.duplicate(learner.manager()), groups);
          learner.average(module);
        }
        for (JsonNode step : golden.json().get("values").get("steps")) {
          step(golden, config, backbone, losses, learner, step);
        }
        compareWeights(golden, "final_student.", learner, false);
        compareWeights(golden, "final_teacher.", learner, true);
      }
    }
  }

  private static void step(
      Golden golden,
      GoldenConfig config,
      Backbone backbone,
      SelfDistillation losses,
      Learner learner,
      JsonNode official) {
    long step = official.get("iteration").asLong();
    Rates rates = Rates.at(config.optim(), step);
    assertThat(rates.lr()).isCloseTo(official.get("lr").asDouble(), within(1e-12));
    assertThat(rates.lastLayerLr())
        .isCloseTo(official.get("last_layer_lr").asDouble(), within(1e-12));
    assertThat(rates.momentum()).isCloseTo(official.get("momentum").asDouble(), within(1e-12));
    assertThat(rates.weightDecay())
        .isCloseTo(official.get("weight_decay").asDouble(), within(1e-12));
    assertThat(rates.teacherTemp())
        .isCloseTo(official.get("teacher_temp").asDouble(), within(1e-12));
    double tolerance = golden.json().get("tolerance").get("losses_abs").asDouble();
    double normTolerance = golden.json().get("tolerance").get("grad_norm_rel").asDouble();
    try (TensorScope scope = TensorScope.under(golden.manager())) {
      CropTensors crops = crops(golden, "batch" + official.get("batch").asInt() + ".");
      Network teacher =
          new Network(
              backbone,
              learner.averaged(Networks.BACKBONE),
              learner.averaged(Networks.DINO_HEAD),
              learner.averaged(Networks.IBOT_HEAD));
      Targets targets = losses.targets(scope, teacher, crops, rates.teacherTemp());
      Loss loss;
      NDList gradients;
      try (Gradients.Recording recording = Gradients.record()) {
        loss =
            losses.loss(
                scope,
                Networks.computed(scope, Precision.FP32, backbone, learner),
                crops,
                targets,
                Pass.globalCrops(0, step).masked(crops.masks_2BN()),
                Pass.localCrops(0, step),
                Optional.empty(),
                step);
        gradients = Gradients.of(scope, loss.total(), learner.parameters());
      }
      assertThat((double) loss.total().getFloat())
          .as("total_loss at " + step)
          .isCloseTo(official.get("total_loss").asDouble(), within(tolerance));
      loss.parts()
          .forEach(
              (name, value) ->
                  assertThat((double) value.getFloat())
                      .as(name + " at " + step)
                      .isCloseTo(official.get(name).asDouble(), within(tolerance)));
      Map<String, Double> norms = learner.clip(scope, gradients, config.optim().clipGrad());
      norms.forEach(
          (module, norm) -> {
            JsonNode expected = official.get(module + "_grad_norm_before_clip");
            assertThat(norm)
                .as("norm of " + module + " at " + step)
                .isCloseTo(expected.asDouble(), within(expected.asDouble() * normTolerance));
          });
      learner.update(scope, gradients, config.optim(), rates, step);
      learner.updateAverages(scope, rates.momentum());
    }
  }

  private static CropTensors crops(Golden golden, String batch) {
    NDArray masks = golden.tensor(batch + "collated_masks");
    int grid = (int) Math.round(Math.sqrt(masks.getShape().get(1)));
    return new CropTensors(
        golden.tensor(batch + "collated_global_crops"),
        Optional.of(golden.tensor(batch + "collated_local_crops")),
        Optional.empty(),
        masks.toType(ai.djl.ndarray.types.DataType.BOOLEAN, true),
        golden.tensor(batch + "mask_indices_list"),
        golden.tensor(batch + "masks_weight"),
        grid);
  }

  private static void compareWeights(
      Golden golden, String prefix, Learner learner, boolean averages) {
    JsonNode tolerance = golden.json().get("tolerance");
    Map<String, NDArray> ours = new LinkedHashMap<>();
    for (String module : learner.moduleNames()) {
      (averages ? learner.averaged(module) : learner.weights(module))
          .forEach((name, tensor) -> ours.put(module + "." + name, tensor));
    }
    double limit = tolerance.get("final_weights_abs").asDouble();
    int compared = 0;
    for (Map.Entry<String, NDArray> e : golden.under(prefix).entrySet()) {
      NDArray own = ours.get(e.getKey());
      if (own != null) {
        golden.compareMostly(prefix + e.getKey(), own, e.getValue(), limit, 1e-4, 1e-3);
        compared++;
      }
    }
    assertThat(compared).as("tensors compared under " + prefix).isEqualTo(ours.size());
  }
}
