package io.dinoflow.model.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.HeadRecipe;
import io.dinoflow.model.recipe.LossRecipe;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.recipe.Schedule;
import java.util.List;

/** Reads an official configuration of a fixture into our records. */
final class GoldenConfig {
  private final JsonNode config;
  private final JsonNode arch;

  GoldenConfig(JsonNode config, JsonNode arch) {
    this.config = config;
    this.arch = arch;
  }

  BackboneRecipe.Vit backbone() {
    JsonNode s = config.get("student");
    return new BackboneRecipe.Vit(
        s.get("patch_size").asInt(),
        arch.get("embed_dim").asInt(),
        arch.get("depth").asInt(),
        arch.get("num_heads").asInt(),
        arch.get("ffn_ratio").asDouble(),
        s.get("ffn_layer").asText(),
        s.get("norm_layer").asText(),
        s.get("n_storage_tokens").asInt(),
        s.get("layerscale").asDouble(),
        s.get("drop_path_rate").asDouble(),
        s.get("qkv_bias").asBoolean(),
        s.get("mask_k_bias").asBoolean(),
        s.path("untie_cls_and_patch_norms").asBoolean(),
        s.path("untie_global_and_local_cls_norm").asBoolean(),
        s.path("pos_embed_rope_base").asDouble(100),
        0,
        0,
        0);
  }

  HeadRecipe head(String name) {
    JsonNode h = config.get(name);
    return new HeadRecipe(
        h.get("head_n_prototypes").asInt(),
        h.get("head_bottleneck_dim").asInt(),
        h.get("head_hidden_dim").asInt(),
        h.get("head_nlayers").asInt());
  }

  int localCrops() {
    return config.get("crops").get("local_crops_number").asInt();
  }

  LossRecipe losses() {
    JsonNode dino = config.get("dino");
    Schedule local =
        dino.path("reweight_dino_local_loss").asBoolean()
            ? schedule(dino.get("local_loss_weight_schedule"))
            : Schedule.constant(1);
    return new LossRecipe(
        dino.get("loss_weight").asDouble(),
        local,
        dino.get("global_ignore_diagonal").asBoolean(),
        dino.get("koleo_loss_weight").asDouble(),
        dino.get("koleo_loss_distributed").asBoolean()
            ? dino.get("koleo_distributed_loss_group_size").asInt()
            : 0,
        config.get("ibot").get("loss_weight").asDouble(),
        config.get("ibot").get("mask_sample_probability").asDouble(),
        List.of(0.1, 0.5));
  }

  OptimizerRecipe optim() {
    JsonNode o = config.get("optim");
    JsonNode s = config.get("schedules");
    return new OptimizerRecipe(
        o.path("adamw_beta1").asDouble(0.9),
        o.path("adamw_beta2").asDouble(0.999),
        o.get("clip_grad").asDouble(),
        o.get("layerwise_decay").asDouble(),
        o.get("patch_embed_lr_mult").asDouble(),
        s.get("lr").get("freeze_last_layer_epochs").asLong() * epoch(),
        schedule(s.get("lr")),
        schedule(s.get("weight_decay")),
        schedule(s.get("momentum")),
        schedule(s.get("teacher_temp")));
  }

  /** Without cosine epochs the cosine fills the rest of the run. */
  Schedule schedule(JsonNode s) {
    long warmup = s.get("warmup_epochs").asLong() * epoch();
    long total = config.get("optim").get("epochs").asLong() * epoch();
    long cosine =
        s.has("cosine_epochs") ? s.get("cosine_epochs").asLong() * epoch() : total - warmup;
    return new Schedule(
        s.get("start").asDouble(),
        s.get("peak").asDouble(),
        s.get("end").asDouble(),
        warmup,
        cosine);
  }

  private long epoch() {
    return config.get("train").get("OFFICIAL_EPOCH_LENGTH").asLong();
  }
}
