package io.dinoflow.ops.bench;

import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.io.RecipeFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a step is measured on: two global crops of 112 pixels and eight local ones of 48, eight
 * pictures, DINO, iBOT and KoLeo. Nothing in it is drawn at random, so that another program can
 * make the same step.
 *
 * @param device {@code cpu} or {@code cuda:N}
 * @param threads intra-op threads
 * @param kept what of a forward stays for the way back
 */
public record StepSetting(Precision precision, Width width, String device, int threads, Kept kept) {
  static final String STAGE = "step";

  private static final String RECIPE =
      """
      name: bench-step
      stages:
        - kind: curate
        - kind: train
          name: step
          start:
            kind: fresh
            student:
              arch: vit
              embed_dim: %d
              depth: %d
              num_heads: %d
              layerscale: 0.5
              pos_embed_rope_rescale_coords: 0.0
            dino_head: {n_prototypes: 4096}
            ibot_head: {n_prototypes: 4096}
          steps: 1000000
          batch_size: 8
          crops:
            sizes: [{global: 112, local: 48}]
            local_crops_number: 8
          optim:
            layerwise_decay: 0.9
            lr: {peak: 1.0e-4, end: 1.0e-4, warmup_steps: 0}
            momentum: {start: 0.992, peak: 0.992, end: 0.992}
            teacher_temp: {start: 0.07, peak: 0.07, end: 0.07, warmup_steps: 0}
          health: {warmup_steps: 1000000}
      """;

  /** Activations of a forward that stay until gradients are taken. */
  public enum Kept {
    all("activations kept"),
    inputs("activation checkpointing");

    private final String words;

    Kept(String words) {
      this.words = words;
    }

    String words() {
      return words;
    }
  }

  /** Format of matrix products. */
  public enum Precision {
    fp32,
    bf16
  }

  /** The dimensions of ViT-S/16, four blocks of ViT-B/16's, or very few to try the bench. */
  public enum Width {
    tiny(48, 2, 3),
    small(384, 12, 6),
    base(768, 4, 12);

    private final int dim;
    private final int depth;
    private final int heads;

    Width(int dim, int depth, int heads) {
      this.dim = dim;
      this.depth = depth;
      this.heads = heads;
    }
  }

  /** The case's name in a row. */
  String subject() {
    String own = "%s %s".formatted(precision, width) + (onCpu() ? "" : " " + device);
    return kept == Kept.all ? own : own + ", " + kept.words();
  }

  boolean onCpu() {
    return device.equals("cpu");
  }

  /** The same step that keeps something else. */
  StepSetting keeping(Kept other) {
    return new StepSetting(precision, width, device, threads, other);
  }

  PipelineRecipe recipe() {
    return RecipeFormat.override(
        RecipeFormat.parse(RECIPE.formatted(width.dim, width.depth, width.heads)),
        Map.of(
            "compute.device",
            device,
            "compute.threads",
            threads,
            "compute.precision",
            precision.name(),
            STAGE + ".memory.activation_checkpointing",
            kept == Kept.inputs));
  }

  /** As arguments of {@link StepProgram}. */
  List<String> arguments() {
    return List.of(precision.name(), width.name(), device, String.valueOf(threads), kept.name());
  }

  static StepSetting of(List<String> arguments) {
    return new StepSetting(
        Precision.valueOf(arguments.get(0)),
        Width.valueOf(arguments.get(1)),
        arguments.get(2),
        Integer.parseInt(arguments.get(3)),
        Kept.valueOf(arguments.get(4)));
  }

  /** The recipe's numbers under the names that the reference reads. */
  Map<String, Object> forReference() {
    StageRecipe.Train stage = recipe().stage(STAGE, StageRecipe.Train.class);
    Map<String, Object> numbers = new LinkedHashMap<>();
    numbers.put("precision", precision.name());
    numbers.put("device", device);
    numbers.put("threads", threads);
    numbers.put("depth", width.depth);
    numbers.put("heads", width.heads);
    numbers.put("patch", 16);
    numbers.put("local_crops", stage.crops().localCropsNumber());
    numbers.put("koleo_weight", stage.losses().koleoLossWeight());
    numbers.put("teacher_temp", stage.optim().teacherTemp().at(0));
    numbers.put("clip", stage.optim().clipGrad());
    numbers.put("layer_decay", stage.optim().layerwiseDecay());
    numbers.put("patch_embed_lr_mult", stage.optim().patchEmbedLrMult());
    numbers.put("lr", stage.optim().lr().at(0));
    numbers.put("weight_decay", stage.optim().weightDecay().at(0));
    numbers.put("beta1", stage.optim().adamwBeta1());
    numbers.put("beta2", stage.optim().adamwBeta2());
    numbers.put("momentum", stage.optim().momentum().at(0));
    return numbers;
  }
}
