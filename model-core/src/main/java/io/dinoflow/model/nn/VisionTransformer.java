package io.dinoflow.model.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import io.dinoflow.model.kernel.Tensors;
import io.dinoflow.model.kernel.TorchKernels;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.tensor.SeededRandom;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.weights.StateDict;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The vision transformer of DINOv3: patch embedding, [class, storage, patches] tokens, pre-norm
 * blocks with axial RoPE on patches, layer scale, and final norms that may differ between class and
 * patch tokens.
 */
public final class VisionTransformer implements Backbone {
  private final BackboneRecipe.Vit vit;
  private final Blocks.Form form;
  private final double epsilon;
  private final RotaryEmbedding rope;
  private final int prefixTokens;

  public VisionTransformer(BackboneRecipe.Vit vit) {
    this.vit = vit;
    this.form = form(vit);
    this.epsilon = vit.normLayer().equals("layernorm") ? 1e-6 : 1e-5;
    this.rope = new RotaryEmbedding(vit);
    this.prefixTokens = 1 + vit.nStorageTokens();
  }

  private static Blocks.Form form(BackboneRecipe.Vit vit) {
    boolean mlp = vit.ffnLayer().equals("mlp");
    String digits = vit.ffnLayer().replaceAll("\\D", "");
    int alignment = digits.isEmpty() ? 8 : Integer.parseInt(digits);
    int hidden =
        mlp
            ? (int) (vit.embedDim() * vit.ffnRatio())
            : Blocks.swigluHidden(vit.embedDim(), vit.ffnRatio(), alignment);
    return new Blocks.Form(
        vit.embedDim(),
        hidden,
        mlp ? Blocks.FeedForward.MLP : Blocks.FeedForward.SWIGLU,
        vit.normLayer().equals("rmsnorm") ? Blocks.Norm.RMS : Blocks.Norm.LAYER,
        vit.qkvBias(),
        vit.maskKBias(),
        vit.layerscale());
  }

  @Override
  public List<ParameterSpec> parameters() {
    long d = vit.embedDim();
    List<ParameterSpec> p = new ArrayList<>();
    p.add(ParameterSpec.normal("cls_token", 0.02, 1, 1, d));
    if (vit.nStorageTokens() > 0) {
      p.add(ParameterSpec.normal("storage_tokens", 0.02, 1, vit.nStorageTokens(), d));
    }
    p.add(ParameterSpec.constant("mask_token", 0, 1, d));
    double limit = 1 / Math.sqrt(3.0 * vit.patchSize() * vit.patchSize());
    p.add(
        ParameterSpec.uniform(
            "patch_embed.proj.weight", limit, d, 3, vit.patchSize(), vit.patchSize()));
    p.add(ParameterSpec.uniform("patch_embed.proj.bias", limit, d));
    for (int i = 0; i < vit.depth(); i++) {
      p.addAll(Blocks.parameters("blocks." + i + ".", form));
    }
    p.addAll(Blocks.norm("norm", d, form.norm()));
    if (vit.untieClsAndPatchNorms()) {
      p.addAll(Blocks.norm("cls_norm", d, form.norm()));
    }
    if (vit.untieGlobalAndLocalClsNorm()) {
      p.addAll(Blocks.norm("local_cls_norm", d, form.norm()));
    }
    return p;
  }

  @Override
  public StateDict buffers(NDManager manager) {
    Map<String, NDArray> buffers = new LinkedHashMap<>();
    buffers.put("rope_embed.periods", manager.create(rope.periods()));
    if (vit.qkvBias() && vit.maskKBias()) {
      for (int i = 0; i < vit.depth(); i++) {
        buffers.put("blocks." + i + ".attn.qkv.bias_mask", manager.create(biasMask()));
      }
    }
    return new StateDict(buffers);
  }

  @Override
  public int features() {
    return vit.embedDim();
  }

  @Override
  public int stride() {
    return vit.patchSize();
  }

  @Override
  public Features forward(TensorScope scope, StateDict weights, NDArray pixels_B3HW, Pass pass) {
    NDArray last =
        run(scope, weights, pixels_B3HW, pass, List.of(vit.depth() - 1), Optional.empty()).get(0);
    return normed(scope, weights, last, pass);
  }

  /** Behind its attention, the last block is computed for the chosen tokens only. */
  @Override
  public Chosen chosen(
      TensorScope scope, StateDict weights, NDArray pixels_B3HW, Pass pass, NDArray index_M) {
    if (pass.training() && vit.dropPathRate() > 0) {
      return Backbone.super.chosen(scope, weights, pixels_B3HW, pass, index_M);
    }
    long samples = pixels_B3HW.getShape().get(0);
    long patches =
        pixels_B3HW.getShape().get(2)
            / vit.patchSize()
            * (pixels_B3HW.getShape().get(3) / vit.patchSize());
    NDArray rows_R =
        TorchKernels.call(
            scope.manager(), "chosen_rows", samples, (long) prefixTokens, patches, index_M);
    NDArray x_RD =
        run(scope, weights, pixels_B3HW, pass, List.of(vit.depth() - 1), Optional.of(rows_R))
            .get(0);
    return new Chosen(
        norm(scope, weights, clsNorm(pass), Tensors.rows(scope, x_RD, 0, samples)),
        norm(
            scope,
            weights,
            "norm",
            Tensors.rows(scope, x_RD, samples, samples + index_M.getShape().get(0))));
  }

  /**
   * Outputs of chosen blocks in evaluation mode.
   *
   * @param blocks indexes from 0, ascending
   * @return for each block its tokens after the final norm
   */
  public List<Features> intermediateLayers(
      TensorScope scope, StateDict weights, NDArray pixels_B3HW, List<Integer> blocks) {
    return run(scope, weights, pixels_B3HW, Pass.eval(), blocks, Optional.empty()).stream()
        .map(x_BTD -> normed(scope, weights, x_BTD, Pass.eval()))
        .toList();
  }

  /**
   * Outputs of the wanted blocks; in evaluation all others are freed on the way.
   *
   * @param lastRows_R rows of the flattened tokens that the last block gives, as (R, D), where not
   *     all are wanted
   */
  private List<NDArray> run(
      TensorScope scope,
      StateDict weights,
      NDArray pixels_B3HW,
      Pass pass,
      List<Integer> wanted,
      Optional<NDArray> lastRows_R) {
    int height = (int) (pixels_B3HW.getShape().get(2) / vit.patchSize());
    int width = (int) (pixels_B3HW.getShape().get(3) / vit.patchSize());
    NDArray none = scope.create(new float[0]);
    NDArray biasMask = scope.create(biasMask());
    boolean augment = pass.training() && rope.augments();
    RotaryEmbedding.Table fixed = rope.table(scope, height, width, prefixTokens);
    List<NDArray> taken = new ArrayList<>();
    NDArray x_BTD = tokens(scope, weights, pixels_B3HW, pass);
    for (int i = 0; i < vit.depth(); i++) {
      RotaryEmbedding.Table table =
          augment ? rope.augmented(scope, height, width, prefixTokens, pass.ropeDraws(i)) : fixed;
      NDList p = Blocks.list(weights, "blocks." + i + ".", form, none, biasMask);
      NDArray before = x_BTD;
      int index = i;
      Optional<NDArray> rows_R = i == vit.depth() - 1 ? lastRows_R : Optional.empty();
      x_BTD =
          pass.block(
              scope,
              before,
              p,
              (inner, x) ->
                  rows_R.isPresent()
                      ? blockRows(inner, x, table, p, rows_R.get())
                      : block(inner, x, table, p, pass, index));
      if (!pass.training() && !wanted.contains(i - 1)) {
        before.close();
      }
      if (wanted.contains(i)) {
        taken.add(x_BTD);
      }
    }
    return taken;
  }

  private NDArray tokens(TensorScope scope, StateDict weights, NDArray pixels, Pass pass) {
    NDList prefix = new NDList(weights.tensor("cls_token"));
    if (vit.nStorageTokens() > 0) {
      prefix.add(weights.tensor("storage_tokens"));
    }
    NDArray w = weights.tensor("patch_embed.proj.weight");
    NDArray b = weights.tensor("patch_embed.proj.bias");
    return pass.masks()
        .map(
            masks ->
                TorchKernels.call(
                    scope.manager(),
                    "tokens_masked",
                    pixels,
                    masks,
                    weights.tensor("mask_token"),
                    w,
                    b,
                    prefix))
        .orElseGet(() -> TorchKernels.call(scope.manager(), "tokens", pixels, w, b, prefix));
  }

  private NDArray block(
      TensorScope scope,
      NDArray x_BTD,
      RotaryEmbedding.Table table,
      NDList p,
      Pass pass,
      int index) {
    int samples = (int) x_BTD.getShape().get(0);
    int kept = kept(samples, vit.dropPathRate());
    if (!pass.training() || vit.dropPathRate() == 0 || kept == samples) {
      return TorchKernels.call(
          scope.manager(),
          "block",
          x_BTD,
          table.sin(),
          table.cos(),
          p,
          (long) vit.numHeads(),
          epsilon,
          false);
    }
    double scale = (double) samples / kept;
    return TorchKernels.call(
        scope.manager(),
        "block_subset",
        x_BTD,
        table.sin(),
        table.cos(),
        p,
        (long) vit.numHeads(),
        epsilon,
        keep(scope, pass.dropPathDraws(index, 0), samples, kept),
        scale,
        keep(scope, pass.dropPathDraws(index, 1), samples, kept),
        scale);
  }

  private NDArray blockRows(
      TensorScope scope, NDArray x_BTD, RotaryEmbedding.Table table, NDList p, NDArray rows_R) {
    return TorchKernels.call(
        scope.manager(),
        "block_rows",
        x_BTD,
        table.sin(),
        table.cos(),
        p,
        (long) vit.numHeads(),
        epsilon,
        rows_R);
  }

  /** Samples that a residual branch computes: at least one. */
  static int kept(int samples, double dropPathRate) {
    return Math.max((int) (samples * (1 - dropPathRate)), 1);
  }

  private static NDArray keep(TensorScope scope, SeededRandom random, int samples, int kept) {
    int[] order = random.permutation(samples);
    long[] chosen = new long[kept];
    for (int i = 0; i < kept; i++) {
      chosen[i] = order[i];
    }
    return scope.create(chosen);
  }

  private Features normed(TensorScope scope, StateDict weights, NDArray x_BTD, Pass pass) {
    long tokens = x_BTD.getShape().get(1);
    String clsNorm = clsNorm(pass);
    NDArray prefix;
    NDArray patches;
    if (clsNorm.equals("norm")) {
      NDArray all = norm(scope, weights, "norm", x_BTD);
      prefix = all;
      patches = Tensors.tokens(scope, all, prefixTokens, tokens);
    } else {
      prefix = norm(scope, weights, clsNorm, Tensors.tokens(scope, x_BTD, 0, prefixTokens));
      patches = norm(scope, weights, "norm", Tensors.tokens(scope, x_BTD, prefixTokens, tokens));
    }
    return new Features(
        Tensors.token(scope, prefix, 0),
        Tensors.tokens(scope, prefix, 1, prefixTokens),
        patches,
        x_BTD);
  }

  private String clsNorm(Pass pass) {
    if (vit.untieGlobalAndLocalClsNorm() && pass.usesLocalNorm()) {
      return "local_cls_norm";
    }
    return vit.untieClsAndPatchNorms() ? "cls_norm" : "norm";
  }

  private NDArray norm(TensorScope scope, StateDict weights, String name, NDArray x) {
    NDArray bias =
        form.norm() == Blocks.Norm.RMS
            ? scope.create(new float[0])
            : weights.tensor(name + ".bias");
    return TorchKernels.call(
        scope.manager(), "norm", x, weights.tensor(name + ".weight"), bias, epsilon);
  }

  private float[] biasMask() {
    int d = vit.embedDim();
    float[] mask = new float[3 * d];
    Arrays.fill(mask, 1f);
    Arrays.fill(mask, d, 2 * d, 0f);
    return mask;
  }
}
