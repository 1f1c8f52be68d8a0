package io.dinoflow.model.plan;

import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Backbones;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.nn.ParameterSpec;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.model.recipe.PipelineRecipe;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.text.Towers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Counts what a recipe's stages are about to make. */
public final class RecipeSizes {
  private final PipelineRecipe recipe;

  private RecipeSizes(PipelineRecipe recipe) {
    this.recipe = recipe;
  }

  /** One for each stage, in the recipe's order. */
  public static List<StageSize> of(PipelineRecipe recipe) {
    RecipeSizes sizes = new RecipeSizes(recipe);
    return recipe.stages().stream().map(sizes::size).toList();
  }

  private StageSize size(StageRecipe stage) {
    return stage.match(
        new StageRecipe.Cases<>() {
          @Override
          public StageSize curate(StageRecipe.Curate curate) {
            return new StageSize(curate.name(), List.of(), 0);
          }

          @Override
          public StageSize train(StageRecipe.Train train) {
            Start.Fresh architecture = recipe.architecture(train);
            return new StageSize(
                train.name(),
                List.of(
                    track(
                        "",
                        architecture.student(),
                        architecture,
                        train.steps(),
                        train.checkpointing())),
                train.steps() * train.batchSize());
          }

          @Override
          public StageSize distill(StageRecipe.Distill distill) {
            Start.Fresh architecture =
                recipe.architecture(recipe.stage(distill.teacher(), StageRecipe.Train.class));
            return new StageSize(
                distill.name(),
                distill.groups().stream()
                    .flatMap(group -> group.students().stream())
                    .map(
                        student ->
                            track(
                                student.name(),
                                student.student(),
                                architecture,
                                distill.steps(),
                                distill.checkpointing()))
                    .toList(),
                distill.steps() * distill.batchSize() * distill.groups().size());
          }

          @Override
          public StageSize alignText(StageRecipe.AlignText align) {
            return new StageSize(
                align.name(), List.of(towers(align)), align.steps() * align.batchSize());
          }

          @Override
          public StageSize evaluate(StageRecipe.Evaluate evaluate) {
            return new StageSize(evaluate.name(), List.of(), 0);
          }

          @Override
          public StageSize importModel(StageRecipe.Import from) {
            return new StageSize(from.name(), List.of(), 0);
          }
        });
  }

  /** Student, moving average, and two moments of each; buffers lie beside both backbones. */
  private static TrackSize track(
      String student,
      BackboneRecipe backboneRecipe,
      Start.Fresh heads,
      long steps,
      CheckpointPolicy policy) {
    Backbone backbone = Backbones.of(backboneRecipe);
    List<ParameterSpec> body = backbone.parameters();
    List<ParameterSpec> dino = new Head(backbone.features(), heads.dinoHead()).parameters();
    List<ParameterSpec> ibot = new Head(backbone.features(), heads.ibotHead()).parameters();
    Tensors state =
        new Tensors()
            .add(2, body)
            .add(2, dino)
            .add(2, ibot)
            .add(2, body)
            .add(2, dino)
            .add(2, ibot)
            .add(2, buffers(backboneRecipe));
    long checkpoints = commits(steps, policy);
    return new TrackSize(
        student,
        values(body),
        values(body) + values(dino) + values(ibot),
        state.bytes(),
        checkpoints,
        kept(steps, checkpoints, policy));
  }

  /** What is trained on top of a frozen tower: no moving average, and the tower is not stored. */
  private TrackSize towers(StageRecipe.AlignText align) {
    Towers towers = Towers.of(recipe, align);
    List<ParameterSpec> trained = new ArrayList<>(towers.head().parameters());
    trained.addAll(towers.text().parameters());
    trained.add(ParameterSpec.constant("logit_scale", 0));
    long checkpoints = commits(align.steps(), align.checkpointing());
    return new TrackSize(
        "",
        values(towers.backbone().parameters()),
        values(trained),
        new Tensors().add(3, trained).bytes(),
        checkpoints,
        kept(align.steps(), checkpoints, align.checkpointing()));
  }

  /** The official state dict's tensors that are no parameters: RoPE's periods, the bias masks. */
  private static List<ParameterSpec> buffers(BackboneRecipe recipe) {
    Optional<BackboneRecipe.Vit> vit =
        recipe instanceof BackboneRecipe.Vit v ? Optional.of(v) : Optional.empty();
    if (vit.isEmpty()) {
      return List.of();
    }
    long dim = vit.get().embedDim();
    ParameterSpec periods =
        ParameterSpec.constant("rope_embed.periods", 0, dim / vit.get().numHeads() / 4);
    if (!vit.get().qkvBias() || !vit.get().maskKBias()) {
      return List.of(periods);
    }
    List<ParameterSpec> all = new ArrayList<>(List.of(periods));
    for (int block = 0; block < vit.get().depth(); block++) {
      all.add(ParameterSpec.constant("blocks." + block + ".attn.qkv.bias_mask", 0, 3 * dim));
    }
    return all;
  }

  private static long values(List<ParameterSpec> specs) {
    return specs.stream().mapToLong(ParameterSpec::size).sum();
  }

  /** Steps at which policy commits: multiples of the periods, and the last one. */
  private static long commits(long steps, CheckpointPolicy policy) {
    long count = steps / policy.period();
    if (policy.probeSteps() > 0) {
      count += steps / policy.probeSteps() - steps / lcm(policy.period(), policy.probeSteps());
    }
    boolean endsOnOne =
        steps % policy.period() == 0
            || (policy.probeSteps() > 0 && steps % policy.probeSteps() == 0);
    return endsOnOne ? count : count + 1;
  }

  private static long kept(long steps, long checkpoints, CheckpointPolicy policy) {
    if (policy.maxToKeep() == 0) {
      return checkpoints;
    }
    long forGood = policy.keepEvery() == 0 ? 0 : steps / policy.keepEvery();
    return Math.min(checkpoints, policy.maxToKeep() + forGood);
  }

  private static long lcm(long a, long b) {
    long x = a;
    long y = b;
    while (y != 0) {
      long rest = x % y;
      x = y;
      y = rest;
    }
    return a / x * b;
  }

  /** Sums what float tensors take in safetensors files: four bytes a value, and a header entry. */
  private static final class Tensors {
    /** {@code "name":{"dtype":"F32","shape":[...],"data_offsets":[a,b]}} without its name. */
    private static final int HEADER_ENTRY_BYTES = 75;

    private static final int PREFIX_BYTES = 20;
    private long bytes;

    Tensors add(int copies, List<ParameterSpec> specs) {
      for (ParameterSpec spec : specs) {
        long header = HEADER_ENTRY_BYTES + PREFIX_BYTES + spec.name().length();
        bytes += copies * (Float.BYTES * spec.size() + header);
      }
      return this;
    }

    long bytes() {
      return bytes;
    }
  }
}
