package io.dinoflow.model.recipe;

import java.util.ArrayList;
import java.util.List;

/** Whether each stage refers to stages of the kind that can give it what it asks for. */
final class References {
  private final PipelineRecipe recipe;
  private final StageRecipe stage;

  private References(PipelineRecipe recipe, StageRecipe stage) {
    this.recipe = recipe;
    this.stage = stage;
  }

  /** Earlier stages are right already, since they are checked in the recipe's order. */
  static void check(PipelineRecipe recipe, StageRecipe stage) {
    References references = new References(recipe, stage);
    if (stage instanceof StageRecipe.Train train) {
      references.train(train);
    } else if (stage instanceof StageRecipe.Distill distill) {
      references.kind("dataset", distill.dataset(), StageRecipe.Curate.class);
      references.heads(distill);
    } else if (stage instanceof StageRecipe.AlignText align) {
      references.kind("dataset", align.dataset(), StageRecipe.Curate.class);
    } else if (stage instanceof StageRecipe.Evaluate evaluate) {
      references.evaluate(evaluate);
    }
  }

  private void train(StageRecipe.Train train) {
    kind("dataset", train.dataset(), StageRecipe.Curate.class);
    if (train.start() instanceof Start.Continue from) {
      kind("start.from", from.from(), StageRecipe.Train.class);
    } else if (train.start() instanceof Start.FromTeacher from) {
      backbone("start.from", from.from());
    }
    if (train.gram() instanceof GramTeacherRecipe.FromCheckpoint from) {
      backbone("gram.from", from.from());
      BackboneRecipe own = recipe.architecture(train).student();
      BackboneRecipe teacher =
          recipe.architecture(recipe.stage(from.from()).orElseThrow()).student();
      if (!own.getClass().equals(teacher.getClass())
          || own.features() != teacher.features()
          || own.stride() != teacher.stride()) {
        throw wrong(
            "gram.from",
            from.from(),
            "a stage with the same backbone, since its patches are compared one by one");
      }
    }
  }

  private void evaluate(StageRecipe.Evaluate evaluate) {
    if (evaluate.subjects().isEmpty() && evaluate.text().isEmpty()) {
      throw new IllegalArgumentException(
          "stage \"%s\": subjects is empty and so is text, must name something to measure"
              .formatted(stage.name()));
    }
    if (!evaluate.text().isEmpty()) {
      kind("text", evaluate.text(), StageRecipe.AlignText.class);
    }
    if (recipe.stages().stream().noneMatch(StageRecipe.Curate.class::isInstance)) {
      throw new IllegalArgumentException(
          "stage \"%s\" measures on a curate stage's source images, and there is none"
              .formatted(stage.name()));
    }
    for (String subject : evaluate.subjects()) {
      for (BackboneRecipe backbone : backbones(subject)) {
        if (evaluate.imageSize() < backbone.stride()) {
          throw new IllegalArgumentException(
              "stage \"%s\": image_size is %d, must be at least %d, one patch of \"%s\""
                  .formatted(stage.name(), evaluate.imageSize(), backbone.stride(), subject));
        }
      }
    }
  }

  private List<BackboneRecipe> backbones(String subject) {
    StageRecipe measured = recipe.stage(subject).orElseThrow();
    if (measured instanceof StageRecipe.Train train) {
      return List.of(recipe.architecture(train).student());
    }
    if (measured instanceof StageRecipe.Distill distill) {
      List<BackboneRecipe> students = new ArrayList<>();
      distill.groups().forEach(g -> g.students().forEach(s -> students.add(s.student())));
      return students;
    }
    if (measured instanceof StageRecipe.Import from) {
      return List.of(from.student());
    }
    throw wrong("subjects", subject, "train, distill or import stages, which have backbones");
  }

  private void kind(String field, String name, Class<? extends StageRecipe> wanted) {
    if (!wanted.isInstance(recipe.stage(name).orElseThrow())) {
      throw wrong(field, name, "a stage of kind " + word(wanted));
    }
  }

  private void backbone(String field, String name) {
    StageRecipe named = recipe.stage(name).orElseThrow();
    if (!(named instanceof StageRecipe.Train) && !(named instanceof StageRecipe.Import)) {
      throw wrong(field, name, "a stage of kind train or import");
    }
  }

  private void heads(StageRecipe.Distill distill) {
    if (recipe.stage(distill.teacher()).orElseThrow() instanceof StageRecipe.Import) {
      throw wrong(
          "teacher",
          distill.teacher(),
          "a stage of kind train: an imported model has no heads to distil; train some with"
              + " start from_teacher first");
    }
    kind("teacher", distill.teacher(), StageRecipe.Train.class);
  }

  private IllegalArgumentException wrong(String field, String name, String wanted) {
    return new IllegalArgumentException(
        "stage \"%s\": %s names \"%s\" of kind %s, must name %s"
            .formatted(
                stage.name(),
                field,
                name,
                word(recipe.stage(name).orElseThrow().getClass()),
                wanted));
  }

  private static String word(Class<? extends StageRecipe> kind) {
    return kind.equals(StageRecipe.AlignText.class)
        ? "align_text"
        : kind.getSimpleName().toLowerCase(java.util.Locale.ROOT);
  }
}
