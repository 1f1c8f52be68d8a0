package io.dinoflow.model.recipe;

/**
 * AdamW with layer-wise decay, clipped per sub-module, and the EMA.
 *
 * @param clipGrad norm to which each sub-module's gradient is clipped; 0 would make every gradient
 *     zero and is refused, a large number clips nothing
 * @param freezeLastLayerSteps steps for which the last layers' rate is 0
 */
public record OptimizerRecipe(
    double adamwBeta1,
    double adamwBeta2,
    double clipGrad,
    double layerwiseDecay,
    double patchEmbedLrMult,
    long freezeLastLayerSteps,
    Schedule lr,
    Schedule weightDecay,
    Schedule momentum,
    Schedule teacherTemp) {
  public OptimizerRecipe {
    Check.within("adamw_beta1", adamwBeta1, 0, 0.99999);
    Check.within("adamw_beta2", adamwBeta2, 0, 0.99999);
    Check.above("clip_grad", clipGrad, 0);
    Check.within("layerwise_decay", layerwiseDecay, 0.01, 1);
    Check.within("patch_embed_lr_mult", patchEmbedLrMult, 0, 10);
    Check.atLeast("freeze_last_layer_steps", freezeLastLayerSteps, 0);
  }
}
