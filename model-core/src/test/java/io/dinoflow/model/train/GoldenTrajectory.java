package io.dinoflow.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.data.Batch;
import io.dinoflow.model.data.BatchAssembler;
import io.dinoflow.model.data.Dataset;
import io.dinoflow.model.data.GoldenBatches;
import io.dinoflow.model.golden.Golden;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.train.SelfDistillation.Network;
import io.dinoflow.model.weights.StateDict;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * A few official training steps, run by the product's own loop on the fixture's batches and
 * compared step by step.
 */
final class GoldenTrajectory {
  /** What the fixtures allow in words: up to 1e-4 on at most 0.1 % of a tensor's elements. */
  private static final double OUTLIER_ABS = 1e-4;

  private static final double OUTLIERS_SHARE = 1e-3;
  private static final double RATES_ABS = 1e-12;

  private final Golden golden;
  private final GoldenConfig config;
  private final JsonNode steps;
  private final Backbone backbone;
  private final Head dinoHead;
  private final Head ibotHead;

  GoldenTrajectory(Golden golden, GoldenConfig config, JsonNode steps) {
    this.golden = golden;
    this.config = config;
    this.steps = steps;
    this.backbone = Backbones.of(config.backbone());
    this.dinoHead = Networks.head(backbone, config.head("dino"));
    this.ibotHead = Networks.head(backbone, config.head("ibot"));
  }

  /** A probe without pictures: it is never measured here. */
  static Probe noProbe(CropRecipe crops) {
    return Probe.of(
        new Dataset(
            List.of(),
            shard -> {
              throw new IOException("there are no shards: " + shard);
            }),
        0,
        crops);
  }

  Backbone backbone() {
    return backbone;
  }

  SelfDistillation losses() {
    return new SelfDistillation(
        config.losses(), config.crops().localCropsNumber(), dinoHead, ibotHead);
  }

  /** A learner that begins, like its averages, as the tensors under the prefix. */
  Learner learner(String name, Golden file, String prefix) {
    Learner learner = new Learner(golden.manager(), name);
    ParameterGroups groups = ParameterGroups.of(config.optim());
    for (String module : List.of(Networks.BACKBONE, Networks.DINO_HEAD, Networks.IBOT_HEAD)) {
      learner.add(module, module(file, prefix, module).duplicate(learner.manager()), groups);
      learner.average(module);
    }
    return learner;
  }

  /** The parameters of a sub-module under a prefix. */
  StateDict module(Golden file, String prefix, String module) {
    List<String> names =
        (module.equals(Networks.BACKBONE)
                ? backbone.parameters()
                : (module.equals(Networks.DINO_HEAD) ? dinoHead : ibotHead).parameters())
            .stream().map(p -> p.name()).toList();
    return new StateDict(file.under(prefix + module + ".")).only(names);
  }

  /** A frozen network of this architecture. */
  Network network(Golden file, String prefix) {
    return new Network(
        backbone,
        module(file, prefix, Networks.BACKBONE),
        module(file, prefix, Networks.DINO_HEAD),
        module(file, prefix, Networks.IBOT_HEAD));
  }

  /** Batches by the fixture's order, images and masks under those of {@code names}. */
  BatchAssembler<Batch> batches(Function<JsonNode, String[]> names) {
    return () ->
        step -> {
          JsonNode official = steps.get((int) Math.min(step, steps.size() - 1));
          String[] prefixes = names.apply(official);
          return GoldenBatches.batch(
              golden,
              step,
              config.crops().sizes().get(0),
              prefixes[0],
              prefixes[1],
              config.pictures());
        };
  }

  /** Runs one step and compares its losses, norms and rates. */
  void step(Trainer trainer, Learner learner, JsonNode official, double normRelative) {
    long step = official.get("iteration").asLong();
    assertThat(trainer.step()).isEqualTo(step);
    Rates rates = Rates.at(config.optim(), step);
    rate("lr", step, rates.lr(), official);
    rate("last_layer_lr", step, rates.lastLayerLr(), official);
    rate("momentum", step, rates.momentum(), official);
    rate("weight_decay", step, rates.weightDecay(), official);
    rate("teacher_temp", step, rates.teacherTemp(), official);
    rate("dino_local_loss_weight", step, config.losses().dinoLocalLossWeight().at(step), official);
    if (official.has("gram_loss_weight")) {
      rate("gram_loss_weight", step, config.gramLoss().weight().at(step), official);
    }
    Map<String, Double> values = new LinkedHashMap<>();
    trainer.run(
        step + 1,
        metrics -> {
          values.putAll(metrics.values());
          return StepListener.Verdict.GO_ON;
        });
    String own = learner.name().isEmpty() ? "" : learner.name() + ".";
    double lossAbs = golden.json().get("tolerance").get("losses_abs").asDouble();
    official
        .properties()
        .forEach(
            e -> {
              String name = e.getKey();
              double theirs = e.getValue().asDouble();
              if (name.endsWith("_grad_norm_before_clip")) {
                String module = name.replace("_grad_norm_before_clip", "");
                golden.compare(
                    name + " at " + step,
                    values.get(own + "grad_norm." + module),
                    theirs,
                    theirs * normRelative);
              } else if (name.endsWith("_loss") && !name.startsWith("stats_only/")) {
                golden.compare(name + " at " + step, values.get(own + name), theirs, lossAbs);
              }
            });
  }

  private void rate(String name, long step, double ours, JsonNode official) {
    golden.compare(name + " at " + step, ours, official.get(name).asDouble(), RATES_ABS);
  }

  /** Every tensor of a learner, whole or every {@code stride}-th element of it. */
  void weights(String prefix, Learner learner, boolean averages, int stride) {
    Map<String, NDArray> ours = new LinkedHashMap<>();
    for (String module : learner.moduleNames()) {
      (averages ? learner.averaged(module) : learner.weights(module))
          .forEach((name, tensor) -> ours.put(module + "." + name, tensor));
    }
    weights(prefix, ours, stride);
  }

  void weights(String prefix, Map<String, NDArray> ours, int stride) {
    double limit = golden.json().get("tolerance").get("final_weights_abs").asDouble();
    Map<String, NDArray> official = golden.under(prefix);
    assertThat(ours.keySet()).as("tensors under " + prefix).isEqualTo(official.keySet());
    official.forEach(
        (name, tensor) -> {
          NDArray own = ours.get(name);
          golden.compareMostly(
              prefix + name,
              stride == 1 ? own : every(own, stride),
              tensor,
              limit,
              OUTLIER_ABS,
              OUTLIERS_SHARE);
        });
  }

  private NDArray every(NDArray tensor, int stride) {
    float[] all = tensor.toFloatArray();
    float[] some = new float[(all.length + stride - 1) / stride];
    for (int i = 0; i < some.length; i++) {
      some[i] = all[i * stride];
    }
    return golden.manager().create(some, new Shape(some.length));
  }
}
