package io.dinoflow.model.train;

import ai.djl.ndarray.NDManager;
import io.dinoflow.model.nn.Backbone;
import io.dinoflow.model.nn.Head;
import io.dinoflow.model.recipe.HeadRecipe;
import io.dinoflow.model.tensor.Precision;
import io.dinoflow.model.tensor.TensorScope;
import io.dinoflow.model.train.SelfDistillation.Network;
import io.dinoflow.model.weights.ComputeCopies;
import io.dinoflow.model.weights.Safetensors;
import io.dinoflow.model.weights.StateDict;
import java.nio.file.Path;

/** Names, files and ways of reading that pre-training and distillation have in common. */
final class Networks {
  static final String BACKBONE = "backbone";
  static final String DINO_HEAD = "dino_head";
  static final String IBOT_HEAD = "ibot_head";

  static final String STUDENT_FILE = "student.safetensors";
  static final String TEACHER_FILE = "teacher.safetensors";
  static final String HEADS_FILE = "heads.safetensors";

  private Networks() {}

  static Head head(Backbone backbone, HeadRecipe recipe) {
    return new Head(backbone.features(), recipe);
  }

  /** A learner's networks: weights, moments and averages. */
  static StateParts parts(Learner learner, StateDict buffers) {
    StateParts parts =
        new StateParts()
            .put(STUDENT_FILE, "", learner.weights(BACKBONE))
            .put(STUDENT_FILE, "", buffers)
            .put(TEACHER_FILE, "", learner.averaged(BACKBONE))
            .put(TEACHER_FILE, "", buffers);
    for (String head : new String[] {DINO_HEAD, IBOT_HEAD}) {
      parts.put(HEADS_FILE, "student." + head + ".", learner.weights(head));
      parts.put(HEADS_FILE, "teacher." + head + ".", learner.averaged(head));
    }
    return parts.putMoments(learner);
  }

  /** What the learner's loss reads: compute copies of its weights, made once a step. */
  static Network computed(
      TensorScope scope, Precision precision, Backbone backbone, Learner learner) {
    return new Network(
        backbone,
        ComputeCopies.of(scope, precision, learner.weights(BACKBONE)),
        ComputeCopies.of(scope, precision, learner.weights(DINO_HEAD)),
        ComputeCopies.of(scope, precision, learner.weights(IBOT_HEAD)));
  }

  /** The EMA teacher of a checkpoint with its heads, as nobody trains it: computed copies. */
  static Network teacherOf(
      NDManager manager, Precision precision, Path checkpoint, Backbone backbone) {
    StateDict heads = Safetensors.read(checkpoint.resolve(HEADS_FILE), manager);
    heads.forEach(
        (name, tensor) -> {
          if (!name.startsWith("teacher.")) {
            tensor.close();
          }
        });
    return new Network(
        backbone,
        frozenBackboneOf(manager, precision, checkpoint.resolve(TEACHER_FILE), backbone),
        ComputeCopies.frozen(manager, precision, heads.withoutPrefix("teacher." + DINO_HEAD + ".")),
        ComputeCopies.frozen(
            manager, precision, heads.withoutPrefix("teacher." + IBOT_HEAD + ".")));
  }

  /** A backbone that nobody trains, from a file, as a forward reads it. */
  static StateDict frozenBackboneOf(
      NDManager manager, Precision precision, Path file, Backbone backbone) {
    return ComputeCopies.frozen(manager, precision, backboneOf(manager, file, backbone));
  }

  /** Student, heads and averages all begin as the checkpoint's EMA teacher. */
  static void beginFromTeacher(Learner learner, Path checkpoint) {
    try (StateDict teacher = Safetensors.read(checkpoint.resolve(TEACHER_FILE), learner.manager());
        StateDict heads = Safetensors.read(checkpoint.resolve(HEADS_FILE), learner.manager())) {
      for (String module : learner.moduleNames()) {
        StateDict from =
            module.equals(BACKBONE) ? teacher : heads.withoutPrefix("teacher." + module + ".");
        learner
            .weights(module)
            .forEach(
                (name, tensor) -> {
                  from.copyInto(name, tensor);
                  from.copyInto(name, learner.averaged(module).tensor(name));
                });
      }
    }
  }

  /** Like {@link #beginFromTeacher}, where the checkpoint has no heads: they stay as they are. */
  static void beginFromBackbone(Learner learner, Path checkpoint) {
    try (StateDict teacher =
        Safetensors.read(checkpoint.resolve(TEACHER_FILE), learner.manager())) {
      learner
          .weights(BACKBONE)
          .forEach(
              (name, tensor) -> {
                teacher.copyInto(name, tensor);
                teacher.copyInto(name, learner.averaged(BACKBONE).tensor(name));
              });
    }
  }

  /** A backbone's parameters from a file, strictly. */
  static StateDict backboneOf(NDManager manager, Path file, Backbone backbone) {
    StateDict stored = Safetensors.read(file, manager);
    return stored.only(backbone.parameters().stream().map(p -> p.name()).toList());
  }
}
