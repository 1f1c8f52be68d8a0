package io.dinoflow.model.recipe;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A whole run: its seed, compute, source images and ordered stages with unique names.
 *
 * <p>A stage refers to an earlier one by name.
 */
public record PipelineRecipe(
    String name,
    String description,
    long seed,
    ComputeRecipe compute,
    DataRecipe data,
    List<StageRecipe> stages) {

  /** Written out, because the last check reads the finished record. */
  public PipelineRecipe(
      String name,
      String description,
      long seed,
      ComputeRecipe compute,
      DataRecipe data,
      List<StageRecipe> stages) {
    Check.name("name", name);
    this.name = name;
    this.description = description;
    this.seed = seed;
    this.compute = compute;
    this.data = data;
    this.stages = List.copyOf(stages);
    if (stages.isEmpty()) {
      throw new IllegalArgumentException("stages is empty, must name at least one stage");
    }
    Set<String> seen = new HashSet<>();
    for (StageRecipe stage : stages) {
      for (String needed : stage.needs()) {
        if (!seen.contains(needed)) {
          throw new IllegalArgumentException(
              "stage \"%s\" refers to \"%s\", which is no earlier stage; earlier stages: %s"
                  .formatted(stage.name(), needed, seen));
        }
      }
      if (!seen.add(stage.name())) {
        throw new IllegalArgumentException(
            "stage name \"%s\" is used twice".formatted(stage.name()));
      }
    }
    stages.forEach(stage -> References.check(this, stage));
    stages.forEach(stage -> CropFit.check(this, stage));
  }

  public Optional<StageRecipe> stage(String stageName) {
    return stages.stream().filter(s -> s.name().equals(stageName)).findFirst();
  }

  /** The stage of that name and type. */
  public <T extends StageRecipe> T stage(String stageName, Class<T> type) {
    StageRecipe stage =
        stage(stageName)
            .orElseThrow(() -> new IllegalArgumentException("no stage \"" + stageName + "\""));
    if (!type.isInstance(stage)) {
      throw new IllegalArgumentException(
          "stage \"%s\" is %s, not %s"
              .formatted(stageName, stage.getClass().getSimpleName(), type.getSimpleName()));
    }
    return type.cast(stage);
  }

  /**
   * The fresh start that the chain of starts from {@code train} leads to: it names the
   * architecture.
   */
  public Start.Fresh architecture(StageRecipe.Train train) {
    return (Start.Fresh) beginning(train).start();
  }

  /** The Train stage with a fresh backbone that the chain of starts from {@code train} leads to. */
  public StageRecipe.Train beginning(StageRecipe.Train train) {
    return train
        .start()
        .match(
            new Start.Cases<>() {
              @Override
              public StageRecipe.Train fresh(Start.Fresh fresh) {
                return train;
              }

              @Override
              public StageRecipe.Train resume(Start.Continue from) {
                return beginning(stage(from.from(), StageRecipe.Train.class));
              }

              @Override
              public StageRecipe.Train fromTeacher(Start.FromTeacher from) {
                return beginning(stage(from.from(), StageRecipe.Train.class));
              }
            });
  }

  /**
   * What the frozen vision tower of a text alignment is, and which pictures it was trained on.
   *
   * @throws IllegalArgumentException the stage names no tower: a Train stage has one, a Distill
   *     stage one for each student
   */
  public VisionTower visionTower(StageRecipe.AlignText align) {
    StageRecipe vision = stage(align.vision(), StageRecipe.class);
    if (vision instanceof StageRecipe.Train train && align.student().isEmpty()) {
      return new VisionTower(architecture(train).student(), train.crops());
    }
    List<StudentRecipe> students = List.of();
    if (vision instanceof StageRecipe.Distill distill) {
      students = distill.groups().stream().flatMap(g -> g.students().stream()).toList();
      for (StudentRecipe student : students) {
        if (student.name().equals(align.student())) {
          return new VisionTower(student.student(), distill.crops());
        }
      }
    }
    throw new IllegalArgumentException(
        "stage \"%s\": vision \"%s\" with student \"%s\" is no vision tower, must be a train stage without a student, or a distill stage with one of its students %s"
            .formatted(
                align.name(),
                align.vision(),
                align.student(),
                students.stream().map(StudentRecipe::name).toList()));
  }

  /** A backbone that gives features to text alignment. */
  public record VisionTower(BackboneRecipe backbone, CropRecipe crops) {}

  /** Absolute step at which a Train stage begins: 0 unless it continues another. */
  public long firstStep(StageRecipe.Train train) {
    if (train.start() instanceof Start.Continue from) {
      StageRecipe.Train parent = stage(from.from(), StageRecipe.Train.class);
      return firstStep(parent) + parent.steps();
    }
    return 0;
  }
}
