package io.dinoflow.model.recipe.io;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dinoflow.model.recipe.Schedule;

/** The schedules of an official configuration, with or without a section of that name. */
final class OfficialSchedules {
  private final OfficialFile file;
  private final boolean section;
  private final long total;

  /**
   * @param total steps of the official run
   */
  OfficialSchedules(OfficialFile file, long total) {
    this.file = file;
    this.section = file.has("schedules.");
    this.total = total;
  }

  /** Fills in the optimizer's schedules; the learning rate is scaled to the batch. */
  void into(ObjectNode optim, double batch) {
    double scale = scale(batch);
    if (section) {
      put(optim, "lr", section("schedules.lr", scale));
      put(optim, "weight_decay", section("schedules.weight_decay", 1));
      put(optim, "momentum", section("schedules.momentum", 1));
      put(optim, "teacher_temp", section("schedules.teacher_temp", 1));
      if (file.has("schedules.lr.freeze_last_layer_epochs")) {
        optim.put("freeze_last_layer_steps", file.steps("schedules.lr.freeze_last_layer_epochs"));
      }
      return;
    }
    double extra = file.number("optim.schedule_trunc_extra");
    double peak = scale * file.number("optim.lr");
    long warmup = file.steps("optim.warmup_epochs");
    put(optim, "lr", whole(0, peak, file.number("optim.min_lr"), warmup, extra));
    double decay = file.number("optim.weight_decay");
    put(
        optim,
        "weight_decay",
        whole(decay, decay, file.number("optim.weight_decay_end"), 0, extra));
    double momentum = file.number("teacher.momentum_teacher");
    double last = file.number("teacher.final_momentum_teacher");
    put(optim, "momentum", whole(momentum, momentum, last, 0, extra));
    put(optim, "teacher_temp", temperature());
    optim.put("freeze_last_layer_steps", file.steps("optim.freeze_last_layer_epochs"));
  }

  /** Linear over its warm-up, the end included, then constant. */
  private Schedule temperature() {
    double temp = file.number("teacher.teacher_temp");
    long warmup = Math.min(file.steps("teacher.warmup_teacher_temp_epochs"), total);
    Schedule whole =
        Schedule.withoutSection(
            file.number("teacher.warmup_teacher_temp"), temp, temp, warmup, total, 0);
    return new Schedule(whole.start(), temp, temp, whole.warmupSteps(), 0);
  }

  private Schedule whole(double start, double peak, double end, long warmup, double extra) {
    if (warmup >= total) {
      file.problem("optim.warmup_epochs", "is as long as the run, must be shorter");
      return Schedule.constant(peak);
    }
    return Schedule.withoutSection(start, peak, end, warmup, total, extra);
  }

  /**
   * @param factor of the peak and the end, not of the start
   */
  Schedule section(String prefix, double factor) {
    double start = file.number(prefix + ".start");
    double peak = factor * file.number(prefix + ".peak");
    double end = factor * file.number(prefix + ".end");
    long warmup = file.steps(prefix + ".warmup_epochs");
    // Without a stated length the cosine fills the rest of the run.
    long cosine =
        file.value(prefix + ".cosine_epochs").isMissingNode()
            ? Math.max(total - warmup, 0)
            : file.steps(prefix + ".cosine_epochs");
    if (peak == end) {
      return new Schedule(start, peak, end, warmup, 0);
    }
    if (cosine == 0) {
      file.problem(prefix + ".cosine_epochs", "leaves no step between peak and end, which differ");
      return Schedule.constant(end);
    }
    return new Schedule(start, peak, end, warmup, cosine);
  }

  private double scale(double batch) {
    String rule = file.text("optim.scaling_rule");
    return switch (rule) {
      case "sqrt_wrt_1024" -> 4 * Math.sqrt(batch / 1024);
      case "linear_wrt_256" -> batch / 256;
      default -> {
        if (!rule.equals("none") && !rule.isEmpty()) {
          file.refuse(
              "optim.scaling_rule",
              "neither sqrt_wrt_1024 nor linear_wrt_256: the rate is taken as it stands");
        }
        yield 1;
      }
    };
  }

  /** Without what is zero for every schedule of the kind. */
  static void put(ObjectNode into, String field, Schedule schedule) {
    ObjectNode node = RecipeFormat.mapper().valueToTree(schedule);
    for (String name : java.util.List.of("hold_steps", "cosine_steps", "cosine_of_steps")) {
      if (node.get(name).asLong() == 0) {
        node.remove(name);
      }
    }
    into.set(field, node);
  }
}
