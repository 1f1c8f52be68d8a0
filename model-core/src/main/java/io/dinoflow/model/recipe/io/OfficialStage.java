package io.dinoflow.model.recipe.io;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.recipe.Schedule;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of a stage that one official configuration says by itself, whatever came before it. The
 * chain puts them together.
 */
final class OfficialStage {
  private static final Pattern STUDENT =
      Pattern.compile("([a-z]+)(?:_(mlp|swiglu)([0-9.]+)(?:_[0-9]+)?)?");

  private final OfficialFile file;
  private final ObjectNode fields;
  private final int gpus;

  /**
   * @param gpus how many processes an official run has, each with a batch of its own
   */
  OfficialStage(OfficialFile file, int gpus) {
    this.file = file;
    this.fields = file.fields();
    this.gpus = gpus;
    if (!gram()) {
      file.unused("gram.use_loss", "no Gram loss");
      file.unused("gram.", "not read without a Gram loss");
      file.unused("crops.gram_teacher_crops_size", "not read without a Gram loss");
    }
    if (!file.flag("dino.reweight_dino_local_loss")) {
      file.unused("dino.local_loss_weight_schedule.", "not read: the weight is 1");
    }
    if (gram() && file.has("gram.loss_weight_schedule.")) {
      file.unused("gram.loss_weight", "not read where there is a schedule");
    }
  }

  OfficialFile file() {
    return file;
  }

  boolean gram() {
    return file.flag("gram.use_loss");
  }

  boolean refreshes() {
    return gram() && file.flag("gram.rep_update");
  }

  boolean distills() {
    return file.flag("distillation.enabled") || file.flag("multidistillation.enabled");
  }

  /** Whether the run begins with the teacher of a run at lower resolution. */
  boolean raisesResolution() {
    return file.flag("hrft.enabled") || file.value("crops.global_crops_size").isArray();
  }

  /** Steps of the official run, from its first one on. */
  long steps() {
    return file.steps("optim.epochs");
  }

  /** The step at which the Gram loss sets in, 0 if the run does not say. */
  long gramBegins() {
    return gram()
        ? Math.max(0, file.whole("gram.it_first_update") - file.whole("gram.update_frequency"))
        : 0;
  }

  int batch() {
    if (file.flag("multidistillation.enabled")
        && !file.value("multidistillation.global_batch_size").isMissingNode()) {
      file.unused("train.batch_size_per_gpu", "not read: multidistillation has a batch of its own");
      return (int) file.whole("multidistillation.global_batch_size");
    }
    return (int) Math.min(Integer.MAX_VALUE, file.whole("train.batch_size_per_gpu") * gpus);
  }

  /** Seed and compute of the recipe. */
  ObjectNode ofRecipe() {
    ObjectNode recipe = JsonNodeFactory.instance.objectNode();
    recipe.set("seed", fields.path("seed"));
    String precision = file.text("compute_precision.param_dtype");
    boolean known = List.of("bf16", "fp32").contains(precision);
    if (!known) {
      file.refuse(
          "compute_precision.param_dtype", "matrix products are bf16 or fp32; fp32 is taken");
    }
    recipe.putObject("compute").put("precision", known ? precision : "fp32");
    return recipe;
  }

  /** Random weights of this file's architecture, with its heads. */
  ObjectNode fresh() {
    ObjectNode start = JsonNodeFactory.instance.objectNode().put("kind", "fresh");
    start.set("student", backbone(file.text("student.arch")));
    start.set("dino_head", fields.at("/start/dino_head"));
    start.set("ibot_head", fields.at("/start/ibot_head"));
    return start;
  }

  private ObjectNode backbone(String arch) {
    JsonNode sizes = OfficialTable.archs().path(arch);
    if (sizes.isMissingNode()) {
      List<String> known = RecipeFormat.names(OfficialTable.archs());
      file.problem("student.arch", "is \"%s\", must be one of %s".formatted(arch, known));
    }
    ObjectNode backbone = JsonNodeFactory.instance.objectNode();
    if (sizes.has("dims")) {
      backbone.put("arch", "convnext");
      backbone.setAll((ObjectNode) sizes);
      backbone.set("drop_path_rate", fields.at("/start/student/drop_path_rate"));
      fields
          .at("/start/student")
          .fieldNames()
          .forEachRemaining(
              name -> {
                if (!name.equals("drop_path_rate")) {
                  file.unused("student." + name, "a ConvNeXt has none");
                }
              });
      return backbone;
    }
    backbone.put("arch", "vit");
    sizes.properties().forEach(e -> backbone.set(e.getKey(), e.getValue()));
    backbone.setAll((ObjectNode) fields.at("/start/student"));
    return backbone;
  }

  /** The students that are distilled. */
  ArrayNode students() {
    ArrayNode students = JsonNodeFactory.instance.arrayNode();
    JsonNode several = file.value("multidistillation.students");
    if (!file.flag("multidistillation.enabled")) {
      String name = file.text("student.arch");
      students.addObject().put("name", name).set("student", backbone(name));
      return students;
    }
    if (!several.isArray() || several.isEmpty()) {
      file.problem("multidistillation.students", "names no students");
    }
    for (JsonNode student : several) {
      String name = student.path("name").asText();
      students.addObject().put("name", name).set("student", named(name));
    }
    file.unused("student.arch", "the students' names say it");
    return students;
  }

  /** A student whose own file is not read: its name says what it is. */
  private ObjectNode named(String name) {
    if (OfficialTable.archs().has(name)) {
      return backbone(name);
    }
    Matcher parts = STUDENT.matcher(name);
    String arch = parts.matches() ? OfficialTable.students().path(parts.group(1)).asText("") : "";
    if (arch.isEmpty()) {
      file.problem(
          "multidistillation.students",
          "names \"%s\", which says no architecture; known are %s and names such as vits or vits_mlp4_1"
              .formatted(name, RecipeFormat.names(OfficialTable.archs())));
      return JsonNodeFactory.instance.objectNode();
    }
    ObjectNode student = backbone(arch);
    if (parts.group(2) != null) {
      student.put("ffn_layer", parts.group(2));
      student.put("ffn_ratio", Double.parseDouble(parts.group(3)));
      file.unused("student.ffn_layer", "the students' names say it");
      file.unused("student.ffn_ratio", "the students' names say it");
    }
    return student;
  }

  /** What stages of every kind have, in the order in which recipes are written. */
  void common(ObjectNode stage) {
    int batch = batch();
    stage.put("batch_size", batch);
    stage.set("crops", crops());
    stage.set("losses", losses(batch));
  }

  void optimizer(ObjectNode stage) {
    ObjectNode optim = (ObjectNode) fields.path("optim");
    new OfficialSchedules(file, steps()).into(optim, batch());
    stage.set("optim", optim);
    ObjectNode checkpointing = (ObjectNode) fields.path("checkpointing");
    double every = file.number("checkpointing.keep_every");
    // The official way to say never is a number that no run reaches.
    checkpointing.put("keep_every", every > steps() ? 0 : (long) every);
    stage.set("checkpointing", checkpointing);
    if (file.value("train.checkpointing").asBoolean()
        || file.value("train.checkpointing_full").asBoolean()) {
      stage.putObject("memory").put("activation_checkpointing", true);
    }
  }

  private ObjectNode crops() {
    ObjectNode crops = JsonNodeFactory.instance.objectNode();
    JsonNode globals = file.value("crops.global_crops_size");
    int count = globals.isArray() ? globals.size() : 1;
    ArrayNode sizes = crops.putArray("sizes");
    for (int i = 0; i < count; i++) {
      ObjectNode size = sizes.addObject();
      size.set("global", nth("crops.global_crops_size", i, count));
      size.set("local", nth("crops.local_crops_size", i, count));
      if (gram()) {
        boolean none = file.value("crops.gram_teacher_crops_size").isMissingNode();
        String key = none ? "crops.global_crops_size" : "crops.gram_teacher_crops_size";
        size.set("gram", nth(key, i, count));
      }
      if (count > 1) {
        size.set("ratio", nth("crops.global_local_crop_pairs_ratios", i, count));
      }
    }
    crops.setAll((ObjectNode) fields.path("crops"));
    return crops;
  }

  /** An entry of a list that is as long as the others, or the one value for all. */
  private JsonNode nth(String key, int i, int count) {
    JsonNode value = file.value(key);
    if (!value.isArray()) {
      return value;
    }
    if (value.size() != count) {
      file.problem(key, "has %d entries, must have %d".formatted(value.size(), count));
    }
    return value.path(Math.min(i, value.size() - 1));
  }

  private ObjectNode losses(int batch) {
    ObjectNode losses = (ObjectNode) fields.path("losses");
    long group = koleoGroup();
    if (group > 0 && group < batch) {
      losses.put("koleo_group_size", group);
    }
    if (file.flag("dino.reweight_dino_local_loss")) {
      OfficialSchedules.put(
          losses,
          "dino_local_loss_weight",
          new OfficialSchedules(file, steps()).section("dino.local_loss_weight_schedule", 1));
    }
    return losses;
  }

  /** Each process searches among its own rows unless the loss is distributed. */
  private long koleoGroup() {
    if (!file.flag("dino.koleo_loss_distributed")) {
      return file.flag("multidistillation.enabled") ? 0 : file.whole("train.batch_size_per_gpu");
    }
    return file.value("dino.koleo_distributed_loss_group_size").isMissingNode()
        ? 0
        : file.whole("dino.koleo_distributed_loss_group_size");
  }

  /**
   * The Gram teacher.
   *
   * @param from the stage whose teacher it is where it is not refreshed
   */
  ObjectNode gramTeacher(String from) {
    ObjectNode gram = JsonNodeFactory.instance.objectNode();
    if (refreshes()) {
      gram.put("kind", "refreshed_every");
      gram.put("update_frequency", file.whole("gram.update_frequency"));
      Optional<JsonNode> most = Optional.of(file.value("gram.max_updates"));
      gram.put("max_updates", most.filter(JsonNode::isNumber).map(JsonNode::asLong).orElse(0L));
    } else {
      gram.put("kind", "from_checkpoint").put("from", from);
      for (String key : List.of("update_frequency", "max_updates", "it_first_update")) {
        file.unused("gram." + key, "not read: the Gram teacher is not refreshed");
      }
    }
    ObjectNode loss = (ObjectNode) fields.at("/gram/loss");
    Schedule weight =
        file.has("gram.loss_weight_schedule.")
            ? new OfficialSchedules(file, steps()).section("gram.loss_weight_schedule", 1)
            : Schedule.constant(file.number("gram.loss_weight"));
    OfficialSchedules.put(loss, "weight", weight);
    gram.set("loss", loss);
    return gram;
  }
}
