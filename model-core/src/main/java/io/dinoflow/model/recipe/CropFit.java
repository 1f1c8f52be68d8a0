package io.dinoflow.model.recipe;

/**
 * Whether every crop a stage makes is at least one patch of every network that sees it, and global
 * ones are whole patches, which are masked one by one.
 */
final class CropFit {
  private CropFit() {}

  static void check(PipelineRecipe recipe, StageRecipe stage) {
    if (stage instanceof StageRecipe.Train train) {
      BackboneRecipe backbone = recipe.architecture(train).student();
      boolean gram = !(train.gram() instanceof GramTeacherRecipe.None);
      for (CropRecipe.Size size : train.crops().sizes()) {
        check(stage, "the student", backbone, size, train.crops());
        whole(stage, size, "the student", backbone);
        if (gram) {
          atLeast(stage, "gram", size.gram(), "the Gram teacher", backbone);
        }
      }
    } else if (stage instanceof StageRecipe.Distill distill) {
      BackboneRecipe teacher =
          recipe.architecture(recipe.stage(distill.teacher(), StageRecipe.Train.class)).student();
      distill.crops().sizes().forEach(size -> whole(stage, size, "the teacher", teacher));
      for (StageRecipe.Distill.Group group : distill.groups()) {
        for (StudentRecipe student : group.students()) {
          for (CropRecipe.Size size : distill.crops().sizes()) {
            String who = "student \"" + student.name() + "\"";
            check(stage, who, student.student(), size, distill.crops());
          }
        }
      }
    } else if (stage instanceof StageRecipe.AlignText align) {
      int patch = recipe.visionTower(align).backbone().stride();
      if (align.imageSize() < patch) {
        throw new IllegalArgumentException(
            "stage \"%s\": image_size is %d, must be at least %d, one patch of the vision tower"
                .formatted(stage.name(), align.imageSize(), patch));
      }
    }
  }

  private static void check(
      StageRecipe stage,
      String who,
      BackboneRecipe backbone,
      CropRecipe.Size size,
      CropRecipe crops) {
    atLeast(stage, "global", size.global(), who, backbone);
    if (crops.localCropsNumber() > 0) {
      atLeast(stage, "local", size.local(), who, backbone);
    }
  }

  private static void whole(
      StageRecipe stage, CropRecipe.Size size, String who, BackboneRecipe backbone) {
    if (size.global() % backbone.stride() != 0) {
      throw new IllegalArgumentException(
          "stage \"%s\": crops.sizes global is %d, must be a multiple of %d, the patch of %s"
              .formatted(stage.name(), size.global(), backbone.stride(), who));
    }
  }

  private static void atLeast(
      StageRecipe stage, String crop, int side, String who, BackboneRecipe backbone) {
    if (side < backbone.stride()) {
      throw new IllegalArgumentException(
          "stage \"%s\": crops.sizes %s is %d, must be at least %d, one patch of %s"
              .formatted(stage.name(), crop, side, backbone.stride(), who));
    }
  }
}
