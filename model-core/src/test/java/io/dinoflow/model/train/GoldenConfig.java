package io.dinoflow.model.train;

import com.fasterxml.jackson.databind.JsonNode;
import io.dinoflow.model.recipe.BackboneRecipe;
import io.dinoflow.model.recipe.CheckpointPolicy;
import io.dinoflow.model.recipe.CropRecipe;
import io.dinoflow.model.recipe.GramTeacherRecipe;
import io.dinoflow.model.recipe.GramTeacherRecipe.GramLossRecipe;
import io.dinoflow.model.recipe.HeadRecipe;
import io.dinoflow.model.recipe.HealthRecipe;
import io.dinoflow.model.recipe.LossRecipe;
import io.dinoflow.model.recipe.MemoryRecipe;
import io.dinoflow.model.recipe.OptimizerRecipe;
import io.dinoflow.model.recipe.Remedy;
import io.dinoflow.model.recipe.Schedule;
import io.dinoflow.model.recipe.StageRecipe;
import io.dinoflow.model.recipe.Start;
import io.dinoflow.model.recipe.StudentRecipe;
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
        s.get("untie_cls_and_patch_norms").asBoolean(),
        s.get("untie_global_and_local_cls_norm").asBoolean(),
        s.get("pos_embed_rope_base").asDouble(),
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

  int pictures() {
    return config.get("train").get("batch_size_per_gpu").asInt();
  }

  CropRecipe crops() {
    JsonNode c = config.get("crops");
    return new CropRecipe(
        List.of(
            new CropRecipe.Size(
                c.get("global_crops_size").asInt(),
                c.get("local_crops_size").asInt(),
                c.path("gram_teacher_crops_size").asInt(),
                1)),
        numbers(c.get("global_crops_scale")),
        c.get("local_crops_number").asInt(),
        numbers(c.get("local_crops_scale")),
        c.get("horizontal_flips").asBoolean(),
        c.get("gram_teacher_no_distortions").asBoolean(),
        1,
        1,
        1,
        1,
        numbers(c.get("rgb_mean")),
        numbers(c.get("rgb_std")));
  }

  LossRecipe losses() {
    JsonNode dino = config.get("dino");
    Schedule local =
        dino.get("reweight_dino_local_loss").asBoolean()
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
        numbers(config.get("ibot").get("mask_ratio_min_max")));
  }

  GramLossRecipe gramLoss() {
    JsonNode gram = config.get("gram");
    JsonNode schedule = gram.get("loss_weight_schedule");
    return new GramLossRecipe(
        schedule.isNull()
            ? Schedule.constant(gram.get("loss_weight").asDouble())
            : schedule(schedule),
        gram.get("normalized").asBoolean(),
        gram.get("img_level").asBoolean(),
        gram.get("remove_neg").asBoolean(),
        gram.get("remove_only_teacher_neg").asBoolean());
  }

  private GramTeacherRecipe gram() {
    JsonNode gram = config.get("gram");
    return gram.get("use_loss").asBoolean()
        ? new GramTeacherRecipe.RefreshedEvery(
            gram.get("update_frequency").asInt(), gram.get("max_updates").asInt(), gramLoss())
        : new GramTeacherRecipe.None();
  }

  /** The official trajectories are followed wherever they go. */
  static final HealthRecipe UNJUDGED = new HealthRecipe(0, 0, 1, 0, new Remedy.Ask(), List.of());

  OptimizerRecipe optim() {
    JsonNode o = config.get("optim");
    JsonNode s = config.get("schedules");
    return new OptimizerRecipe(
        o.get("adamw_beta1").asDouble(),
        o.get("adamw_beta2").asDouble(),
        o.get("clip_grad").asDouble(),
        o.get("layerwise_decay").asDouble(),
        o.get("patch_embed_lr_mult").asDouble(),
        s.get("lr").get("freeze_last_layer_epochs").asLong() * epoch(),
        schedule(s.get("lr")),
        schedule(s.get("weight_decay")),
        schedule(s.get("momentum")),
        schedule(s.get("teacher_temp")));
  }

  StageRecipe.Train train() {
    return new StageRecipe.Train(
        "golden",
        "curate",
        new Start.Fresh(backbone(), head("dino"), head("ibot")),
        steps(),
        pictures(),
        crops(),
        losses(),
        gram(),
        optim(),
        new MemoryRecipe(false, 0),
        new CheckpointPolicy(1, 0, 0, 0, true),
        UNJUDGED);
  }

  StageRecipe.Distill distill(String student) {
    return new StageRecipe.Distill(
        "golden",
        "curate",
        "teacher",
        List.of(
            new StageRecipe.Distill.Group(
                "group", List.of(new StudentRecipe(student, backbone())))),
        steps(),
        pictures(),
        crops(),
        losses(),
        optim(),
        new MemoryRecipe(false, 0),
        new CheckpointPolicy(1, 0, 0, 0, true),
        UNJUDGED);
  }

  /** Without cosine epochs the cosine fills the rest of the run. */
  private Schedule schedule(JsonNode s) {
    long warmup = s.get("warmup_epochs").asLong() * epoch();
    long cosine =
        s.has("cosine_epochs") ? s.get("cosine_epochs").asLong() * epoch() : steps() - warmup;
    return new Schedule(
        s.get("start").asDouble(),
        s.get("peak").asDouble(),
        s.get("end").asDouble(),
        warmup,
        cosine);
  }

  private long steps() {
    return config.get("optim").get("epochs").asLong() * epoch();
  }

  private long epoch() {
    return config.get("train").get("OFFICIAL_EPOCH_LENGTH").asLong();
  }

  private static List<Double> numbers(JsonNode list) {
    return List.of(list.get(0), list.get(1), list.path(2)).stream()
        .filter(JsonNode::isNumber)
        .map(JsonNode::asDouble)
        .toList();
  }
}
